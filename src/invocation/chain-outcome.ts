import type { PluginContexts } from '../context/plugin-contexts.js';
import type { DenialOutcome, ExecutionReport } from '../hooks/denial-outcome.js';
import { type ExecutionRecord, noExecutions } from '../hooks/execution-record.js';
import type { BackgroundReport, HookOutcome } from '../hooks/hook-outcome.js';
import type { Extensions } from '../extensions/extensions.js';
import type { DenialMetadata, Violation } from '../hooks/hook-result.js';
import { statedViolation } from '../hooks/stated-violation.js';
import type { BackgroundReports } from './background-reports.js';
import { type ChainState, finalMetadata } from './chain-state.js';
import type { InvocationRequest } from './invocation-request.js';

/** What the chain has come to, as its caller gets it. */
interface ChainFields {
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
): ChainFields {
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

const untouched: ChainFields = {
  modifiedPayload: undefined,
  modifiedExtensions: undefined,
  violation: undefined,
  metadata: {},
  denialMetadata: undefined,
  httpHeaders: undefined,
  retryDelayMs: 0,
};

const noBackground: Promise<readonly BackgroundReport[]> = Promise.resolve(Object.freeze([]));

/**
 * The outcome of an invocation. What hardly anybody asks for is put together when somebody does. One class for passes and
 * blocks: to construct one that extends another costs 10 ns more (V8 11.3).
 */
class ChainOutcome<Continues extends boolean, Decision, Stated extends Violation | undefined> {
  readonly modifiedPayload: never;
  readonly modifiedExtensions: Extensions | undefined;
  readonly metadata: Record<string, unknown>;
  readonly denialMetadata: DenialMetadata | undefined;
  readonly httpHeaders: Record<string, string> | undefined;
  readonly retryDelayMs: number;
  readonly contexts: PluginContexts | undefined;
  readonly continueProcessing: Continues;
  readonly decision: Decision;
  readonly violation: Stated;
  readonly #report: ExecutionReport | undefined;
  readonly #background: BackgroundReports | undefined;

  constructor(
    continueProcessing: Continues,
    decision: Decision,
    violation: Stated,
    fields: ChainFields,
    contexts: PluginContexts | undefined,
    report: ExecutionReport | undefined,
    background: BackgroundReports | undefined,
  ) {
    // Its type is a matter of the hook, which only the caller's types know.
    this.modifiedPayload = fields.modifiedPayload as never;
    this.modifiedExtensions = fields.modifiedExtensions;
    this.metadata = fields.metadata;
    this.denialMetadata = fields.denialMetadata;
    this.httpHeaders = fields.httpHeaders;
    this.retryDelayMs = fields.retryDelayMs;
    this.contexts = contexts;
    this.continueProcessing = continueProcessing;
    this.decision = decision;
    this.violation = violation;
    this.#report = report;
    this.#background = background;
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
    return this.#background?.promise ?? noBackground;
  }
}

/** @param blocker the plugin that blocks; undefined for an invocation that passes */
export function chainOutcome(
  blocker: string | undefined,
  fields: ChainFields,
  contexts: PluginContexts | undefined,
  report: ExecutionReport | undefined,
  background: BackgroundReports | undefined,
): HookOutcome<never> {
  const { violation } = fields;
  // Each by its name: to pass a list on would cost more than the outcome does.
  return blocker === undefined
    ? new ChainOutcome(true, 'allow', violation, fields, contexts, report, background)
    : new ChainOutcome(false, 'deny', violation ?? statedViolation(blocker), fields, contexts, report, background);
}

/** Of a hook on which no plugin runs. */
export function untouchedOutcome(contexts: PluginContexts | undefined, report?: ExecutionReport): HookOutcome<never> {
  return chainOutcome(undefined, { ...untouched, metadata: {} }, contexts, report, undefined);
}

/** Of a violation that was thrown. @param report what the error tells of its chain */
export function blockedOutcome(violation: Violation, report: ExecutionReport | undefined): HookOutcome<never> {
  const fields = { ...untouched, metadata: {}, violation };
  return chainOutcome(violation.pluginName ?? '', fields, undefined, report, undefined);
}
