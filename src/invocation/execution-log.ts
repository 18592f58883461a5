import { type DenialOutcome, denialOutcomeOf, type ExecutionReport } from '../hooks/denial-outcome.js';
import { type ExecutionRecord, noExecutions } from '../hooks/execution-record.js';
import { cleanPass, recordOf, recordWithoutEnd, type StepAnswer, type StepFailure } from './chain-record.js';
import type { ChainStep } from './hook-chain.js';

/** What a chain came to. */
interface Decision {
  readonly at: number;
  /** Position of the plugin that ended the chain. */
  readonly by: number | undefined;
  /** The words of the error that is raised. */
  readonly message: string | undefined;
}

/**
 * What the plugins of one invocation do. While they run, one number is kept for each, and an object for those that do more
 * than to let the request pass; records are put together when somebody asks for them.
 *
 * Times are milliseconds on the chain's clock. A plugin that has its turn starts where its deadline does and ends where the
 * next one starts: reading the clock for each would make a chain of 20 plugins a tenth slower.
 */
export class ExecutionLog implements ExecutionReport {
  readonly #hook: string;
  readonly #steps: readonly ChainStep[];
  /** By position: plugins start in the order of the chain. */
  readonly #startedAt: number[];
  #started = 0;
  /** By position, with holes. */
  #ends: (StepAnswer | StepFailure)[] | undefined;
  /** When those side by side have answered, by position, in the order in which they did. */
  #branchEnds: Map<number, number> | undefined;
  #decision: Decision | undefined;
  #background: readonly ChainStep[] = [];
  #executions: readonly ExecutionRecord[] | undefined;

  constructor(hook: string, steps: readonly ChainStep[]) {
    this.#hook = hook;
    this.#steps = steps;
    // oxlint-disable-next-line unicorn/no-new-array -- to let it grow would cost as much as all the rest here
    this.#startedAt = new Array<number>(steps.length);
  }

  /** The next plugin of the chain is called. */
  start(at: number): void {
    this.#startedAt[this.#started++] = at;
  }

  /** The plugin at `index` has ended with more than a clean pass. */
  end(index: number, end: StepAnswer | StepFailure): void {
    this.#ends ??= [];
    this.#ends[index] = end;
  }

  /** The plugin at `index`, which runs side by side, has ended, whatever with. */
  endBranch(index: number, at: number): void {
    this.#branchEnds ??= new Map();
    this.#branchEnds.set(index, at);
  }

  /** These run in the background. */
  startBackground(steps: readonly ChainStep[]): void {
    this.#background = steps;
  }

  /**
   * The chain has come to its end.
   *
   * @param by position of the plugin that ended it
   * @param message the words of the error that is raised
   */
  decide(at: number, by: number | undefined, message?: string): void {
    this.#decision = { at, by, message };
  }

  get executions(): readonly ExecutionRecord[] {
    if (this.#decision === undefined) return noExecutions;
    this.#executions ??= Object.freeze(this.#records(this.#decision));
    return this.#executions;
  }

  get denialOutcome(): DenialOutcome | undefined {
    const by = this.#decision?.by;
    const end = by === undefined ? undefined : this.#ends?.[by];
    if (this.#decision === undefined || by === undefined || end?.status !== 'completed') return undefined;
    return denialOutcomeOf(this.#record(by, this.#decision), end.violation, end.denialMetadata);
  }

  #records(decision: Decision): ExecutionRecord[] {
    return [
      ...this.#inOrder().map((index) => this.#record(index, decision)),
      ...this.#background.map((step) => recordWithoutEnd(this.#hook, step, 'completed')),
    ];
  }

  /** Positions of those that ran, in the order in which they ended; those that were given up come last. */
  #inOrder(): number[] {
    const started = this.#startedAt.slice(0, this.#started).map((_at, index) => index);
    const inTurn = started.filter((index) => !this.#isBranch(index));
    return [...new Set([...inTurn, ...(this.#branchEnds?.keys() ?? []), ...started])];
  }

  #record(index: number, { at, by, message }: Decision): ExecutionRecord {
    const step = this.#steps[index];
    if (step === undefined) throw new Error(`the chain has no step ${index}`);
    const isGivenUp = this.#isBranch(index) && this.#branchEnds?.has(index) !== true;
    const end = isGivenUp ? givenUp : (this.#ends?.[index] ?? cleanPass);
    const durationMs = this.#endedAt(index, at) - (this.#startedAt[index] ?? at);
    return recordOf(this.#hook, step, { end, decides: index === by, message, durationMs });
  }

  #endedAt(index: number, decidedAt: number): number {
    const next = this.#isBranch(index) ? this.#branchEnds?.get(index) : this.#startedAt[index + 1];
    return next ?? decidedAt;
  }

  #isBranch(index: number): boolean {
    return this.#steps[index]?.plugin.rights.schedule === 'sideBySide';
  }
}

const givenUp = { status: 'cancelled' } as const;
