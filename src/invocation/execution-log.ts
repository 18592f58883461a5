import {
  denialMetadataOf,
  type DenialOutcome,
  denialOutcomeOf,
  type ExecutionReport,
} from '../hooks/denial-outcome.js';
import { type ExecutionRecord, noExecutions } from '../hooks/execution-record.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { cleanPass, type ExecutedAnswer, recordOf, recordWithoutEnd } from './chain-record.js';
import type { ChainState } from './chain-state.js';
import type { ChainStep, HookChain } from './hook-chain.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import type { StepFailure } from './step-answer.js';

/** How one plugin did so far. Times in milliseconds on the chain's clock. */
export interface ExecutionRun {
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly endedAt: number | undefined;
  /** Undefined for a clean pass, and while it runs. */
  readonly end: ExecutedAnswer | StepFailure | undefined;
  /** It was not waited for. */
  readonly isGivenUp: boolean;
}

/** What a chain came to. */
interface Decision {
  readonly at: number;
  /** Position of the plugin that ended the chain. */
  readonly by: number | undefined;
  /** The words of the error that is raised. */
  readonly message: string | undefined;
}

/** The plugins side by side that have answered. Not a map, which takes as much room as all the rest of the log. */
interface BranchEnds {
  /** Their positions, in the order in which they did. */
  readonly order: number[];
  /** When each did, by position, with holes. */
  readonly at: (number | undefined)[];
}

/**
 * What the plugins of one invocation do. While they run, one number is kept for each, and an object for those that do more
 * than to let the request pass; records are put together when somebody asks for them.
 *
 * Times are milliseconds on the chain's clock. A plugin that has its turn starts where its deadline does and ends where the
 * next one starts: reading the clock for each would make a chain of 20 plugins a tenth slower.
 */
export class ExecutionLog implements ExecutionReport {
  // Not the request: who keeps an outcome need not keep payload and context with it.
  readonly #chain: HookChain;
  readonly #steps: readonly ChainStep[];
  readonly #sideBySide: number;
  readonly #inBackground: readonly ChainStep[];
  readonly #disabled: readonly ChainStep[] | undefined;
  /** By position: plugins start in the order of the chain. */
  readonly #startedAt: number[];
  #started = 0;
  /** By position, with holes. */
  #ends: (ExecutedAnswer | StepFailure)[] | undefined;
  #branchEnds: BranchEnds | undefined;
  #decision: Decision | undefined;
  #background = false;
  #executions: readonly ExecutionRecord[] | undefined;

  constructor(request: InvocationRequest) {
    const { chain, steps, sideBySide, background, disabled } = request;
    this.#chain = chain;
    this.#steps = steps;
    this.#sideBySide = sideBySide;
    this.#inBackground = background;
    this.#disabled = disabled;
    // oxlint-disable-next-line unicorn/no-new-array -- to let it grow would cost as much as all the rest here
    this.#startedAt = new Array<number>(steps.length);
  }

  /** How many of the steps, at the beginning, have their turns. */
  get #inTurn(): number {
    return this.#steps.length - this.#sideBySide;
  }

  /** How many plugins were started, those in the background left out. */
  get started(): number {
    return this.#started;
  }

  /** How many of them were not given up. */
  get executed(): number {
    return Math.min(this.#started, this.#inTurn) + (this.#branchEnds?.order.length ?? 0);
  }

  /** The next plugin of the chain is called. */
  start(at: number): void {
    this.#startedAt[this.#started++] = at;
  }

  /** The plugin at `index` has answered, and that made `after` of the chain. */
  answer(index: number, result: PluginResult, before: ChainState, after: ChainState): void {
    const asksToDeny = result.continueProcessing === false;
    const payloadModified = result.modifiedPayload !== undefined && modifies(before, after);
    const extensionsModified = after.extensions !== before.extensions;
    if (!asksToDeny && !payloadModified && !extensionsModified) return;
    const { violation, denialMetadata } = result;
    this.#end(index, {
      ...cleanPass,
      asksToDeny,
      violation,
      denialMetadata: asksToDeny ? denialMetadataOf(denialMetadata) : undefined,
      payloadModified,
      extensionsModified,
    });
  }

  /** The plugin at `index` has given no answer: it threw, or missed its deadline. */
  fail(index: number, failure: StepFailure): void {
    this.#end(index, failure);
  }

  /** Milliseconds that the plugin at `index` took, or has taken so far. */
  elapsedMs(index: number, now: number): number {
    const started = this.#startedAt[index] ?? now;
    const endedAt = this.#isBranch(index) ? this.#branchEnds?.at[index] : undefined;
    return (endedAt ?? now) - started;
  }

  /** What the plugin at `index` has failed with. */
  errorAt(index: number): StepFailure['error'] | undefined {
    const end = this.#ends?.[index];
    return end === undefined || end.kind === 'answer' ? undefined : end.error;
  }

  /** The plugin at `index`, which runs side by side, was not given up. */
  endBranch(index: number, at: number): void {
    this.#branchEnds ??= { order: [], at: [] };
    this.#branchEnds.order.push(index);
    this.#branchEnds.at[index] = at;
  }

  /** Plugins run in the background. */
  startBackground(): void {
    this.#background = true;
  }

  /**
   * The chain has come to its end.
   *
   * @param by position of the plugin that ended it
   * @param message the words of the error that is raised
   */
  decide(at: number, by: number | undefined, message: string | undefined): void {
    this.#decision ??= { at, by, message };
  }

  /** The plugins that were started, by position; also while the chain runs. */
  get runs(): readonly ExecutionRun[] {
    const decidedAt = this.#decision?.at;
    return Array.from({ length: this.#started }, (_none, index) => {
      const hasEnded = this.#ends?.[index] !== undefined || decidedAt !== undefined;
      const known = this.#isBranch(index) ? this.#branchEnds?.at[index] : this.#startedAt[index + 1];
      return {
        startedAt: this.#startedAt[index] ?? 0,
        endedAt: known ?? (hasEnded ? decidedAt : undefined),
        end: this.#ends?.[index],
        isGivenUp: decidedAt !== undefined && this.#isGivenUp(index),
      };
    });
  }

  get executions(): readonly ExecutionRecord[] {
    // Of a call by name its caller sees all there is; and nobody asks while the chain runs but a logger that reads errors.
    if (this.#decision === undefined || this.#chain.rules.asGiven) return noExecutions;
    this.#executions ??= Object.freeze(this.#records(this.#decision));
    return this.#executions;
  }

  get passedOver(): readonly ExecutionRecord[] {
    const { hook, steps, background } = this.#chain;
    const chosen = new Set([...this.#steps, ...this.#inBackground]);
    const left = [...steps, ...background].filter((step) => !chosen.has(step));
    return left.map((step) =>
      recordWithoutEnd(hook.name, step, this.#disabled?.includes(step) === true ? 'disabled' : 'skipped'),
    );
  }

  get denialOutcome(): DenialOutcome | undefined {
    if (this.#decision?.by === undefined || this.#chain.rules.asGiven) return undefined;
    const { by } = this.#decision;
    const end = this.#ends?.[by];
    if (end === undefined || end.kind === 'error') return undefined;
    const metadata = end.kind === 'answer' ? end.denialMetadata : undefined;
    return denialOutcomeOf(this.#record(by, this.#decision), end.violation, metadata);
  }

  #end(index: number, end: ExecutedAnswer | StepFailure): void {
    this.#ends ??= [];
    this.#ends[index] = end;
  }

  #records(decision: Decision): ExecutionRecord[] {
    const background = this.#background ? this.#inBackground : [];
    return [
      ...this.#order().map((index) => this.#record(index, decision)),
      ...background.map((step) => recordWithoutEnd(this.#chain.hook.name, step, 'completed')),
    ];
  }

  /** Positions of those that were started, in the order in which they ended; those that were given up come last. */
  #order(): number[] {
    const started = Array.from({ length: this.#started }, (_none, index) => index);
    return [...new Set([...started.slice(0, this.#inTurn), ...(this.#branchEnds?.order ?? []), ...started])];
  }

  #record(index: number, { at, by, message }: Decision): ExecutionRecord {
    const end = this.#isGivenUp(index) ? givenUp : (this.#ends?.[index] ?? cleanPass);
    const durationMs = this.#endedAt(index, at) - (this.#startedAt[index] ?? at);
    const ending = { end, decides: index === by, message, durationMs };
    return recordOf(this.#chain.hook.name, stepAt({ steps: this.#steps }, index), ending);
  }

  #endedAt(index: number, decidedAt: number): number {
    const next = this.#isBranch(index) ? this.#branchEnds?.at[index] : this.#startedAt[index + 1];
    return next ?? decidedAt;
  }

  #isGivenUp(index: number): boolean {
    return this.#isBranch(index) && this.#branchEnds?.at[index] === undefined;
  }

  #isBranch(index: number): boolean {
    return index >= this.#inTurn;
  }
}

/** Whether a modification was taken: a block may also end an earlier one, or echo what its plugin was given. */
function modifies(before: ChainState, { modified }: ChainState): boolean {
  return modified !== undefined && modified !== before.modified && modified !== before.payload;
}

const givenUp = { kind: 'cancelled' } as const;
