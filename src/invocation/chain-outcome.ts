import type { PluginContexts } from '../context/plugin-contexts.js';
import type { DenialOutcome, ExecutionReport } from '../hooks/denial-outcome.js';
import { type ExecutionRecord, noExecutions } from '../hooks/execution-record.js';
import type { BackgroundReport, HookOutcome } from '../hooks/hook-outcome.js';
import type { Extensions } from '../extensions/extensions.js';
import type { DenialMetadata, Violation } from '../hooks/hook-result.js';
import { type ChainState, finalMetadata } from './chain-state.js';
import type { InvocationRequest } from './invocation-request.js';

/** What the chain has come to, as its caller gets it. */
interface OutcomeFields {
  readonly modifiedPayload: unknown;
  readonly modifiedExtensions: Extensions | undefined;
  readonly violation: Violation | undefined;
  readonly metadata: Record<string, unknown>;
  readonly denialMetadata: DenialMetadata | undefined;
  readonly httpHeaders: Record<string, string> | undefined;
  readonly retryDelayMs: number;
}

/** What the caller of a request gets of its chain. */
export function outcomeFields(
  chain: ChainState,
  request: Pick<InvocationRequest, 'chain' | 'extensions'>,
): OutcomeFields {
  const { modified, extensions, violation, denialMetadata, httpHeaders, retryDelayMs } = chain;
  // Written out: to spread an object into it would cost as much as all the rest of a short chain.
  return {
    modifiedPayload: modified,
    modifiedExtensions: extensions === request.extensions ? undefined : extensions,
    violation,
    metadata: finalMetadata(chain, request.chain.hook),
    denialMetadata,
    httpHeaders,
    retryDelayMs,
  };
}

const untouched: OutcomeFields = {
  modifiedPayload: undefined,
  modifiedExtensions: undefined,
  violation: undefined,
  metadata: {},
  denialMetadata: undefined,
  httpHeaders: undefined,
  retryDelayMs: 0,
};

const noBackground: Promise<readonly BackgroundReport[]> = Promise.resolve(Object.freeze([]));

/** The outcome of one invocation. What hardly anybody asks for is put together when somebody does. */
export class ChainOutcome implements HookOutcome<never> {
  readonly continueProcessing: boolean;
  readonly decision: HookOutcome['decision'];
  readonly modifiedPayload: never;
  readonly modifiedExtensions: Extensions | undefined;
  readonly violation: Violation | undefined;
  readonly metadata: Record<string, unknown>;
  readonly denialMetadata: DenialMetadata | undefined;
  readonly httpHeaders: Record<string, string> | undefined;
  readonly retryDelayMs: number;
  readonly contexts: PluginContexts | undefined;
  readonly #report: ExecutionReport | undefined;
  readonly #background: Promise<readonly BackgroundReport[]>;

  constructor(
    continueProcessing: boolean,
    fields: OutcomeFields,
    contexts: PluginContexts | undefined,
    report?: ExecutionReport,
    background: Promise<readonly BackgroundReport[]> = noBackground,
  ) {
    this.continueProcessing = continueProcessing;
    this.decision = continueProcessing ? 'allow' : 'deny';
    // Its type is a matter of the hook, which only the caller's types know.
    this.modifiedPayload = fields.modifiedPayload as never;
    this.modifiedExtensions = fields.modifiedExtensions;
    this.violation = fields.violation;
    this.metadata = fields.metadata;
    this.denialMetadata = fields.denialMetadata;
    this.httpHeaders = fields.httpHeaders;
    this.retryDelayMs = fields.retryDelayMs;
    this.contexts = contexts;
    this.#report = report;
    this.#background = background;
  }

  /** Of a hook on which no plugin runs. */
  static untouched(contexts: PluginContexts | undefined, report?: ExecutionReport): ChainOutcome {
    return new ChainOutcome(true, { ...untouched, metadata: {} }, contexts, report);
  }

  /** Of a violation that was thrown. @param report what the error tells of its chain */
  static blocked(violation: Violation | undefined, report: ExecutionReport | undefined): ChainOutcome {
    return new ChainOutcome(false, { ...untouched, metadata: {}, violation }, undefined, report);
  }

  get executions(): readonly ExecutionRecord[] {
    return this.#report?.executions ?? noExecutions;
  }

  get passedOver(): readonly ExecutionRecord[] {
    return this.#report?.passedOver ?? noExecutions;
  }

  get denialOutcome(): DenialOutcome | undefined {
    return this.#report?.denialOutcome;
  }

  get background(): Promise<readonly BackgroundReport[]> {
    return this.#background;
  }
}
