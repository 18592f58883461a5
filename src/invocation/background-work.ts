import type { BackgroundReport } from '../hooks/hook-outcome.js';
import type { GlobalContext } from '../context/global-context.js';
import type { Extensions } from '../extensions/extensions.js';
import { copyIfReadable } from '../hooks/payload-copy.js';
import { isEmpty, isPlainObject } from '../json/records.js';
import { PluginError } from '../plugins/plugin-error.js';
import type { Clock } from '../time/clock.js';
import { BackgroundReports } from './background-reports.js';
import { Branch, type BranchOutcome, type BranchSurroundings } from './branch.js';
import type { ChainLog, LoggedRun } from './chain-log.js';
import type { ChainState, MergeRules } from './chain-state.js';
import { warnOfIgnoredWrites } from './extension-writes.js';
import type { ChainStep } from './hook-chain.js';
import type { InvocationSpans } from './hook-spans.js';
import { retiredInBackground } from './invocation-errors.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import type { BackgroundDenial, InvocationTrace } from './invocation-trace.js';
import { asError, reportFailure } from './plugin-failure.js';
import { logAnswer } from './step-answer.js';
import { StepContext } from './step-context.js';

/** What background work needs of those it belongs to. */
export interface BackgroundOwner {
  readonly clock: Clock;
  spawn(branch: Branch): void;
  /** All of it has ended; told once. */
  finished(work: BackgroundWork): void;
}

/**
 * The plugins of one invocation that run after its answer, on the payload as it was decided. They see the request as it was
 * then, and nothing they answer or write is taken.
 */
export class BackgroundWork implements BranchSurroundings {
  readonly payload: unknown;
  readonly rules: MergeRules;
  readonly log: ChainLog;
  readonly spans: InvocationSpans | undefined;
  /** Their errors are told one by one. */
  readonly report = undefined;
  readonly request: InvocationRequest;
  /** Where its owner keeps it. */
  index = -1;
  readonly #trace: InvocationTrace | undefined;
  readonly #owner: BackgroundOwner;
  readonly #extensions: Extensions | undefined;
  /** As it was when the answer was decided; an error where it could not be read again. */
  readonly #context: GlobalContext | Error;
  readonly reports: BackgroundReports;
  #running = 0;
  readonly #branches: Branch[] = [];
  /** Place in the chain of the first that has not had its turn to start. */
  #next = 0;
  /** Places of those that have not started, and never will. */
  #skipped: Set<number> | undefined = undefined;

  constructor(
    request: InvocationRequest,
    { payload, extensions }: ChainState,
    spans: InvocationSpans | undefined,
    trace: InvocationTrace | undefined,
    owner: BackgroundOwner,
  ) {
    this.payload = payload;
    this.#extensions = extensions;
    this.rules = request.chain.rules;
    this.log = request.chain.log;
    this.spans = spans;
    this.#trace = trace;
    this.request = request;
    this.#owner = owner;
    this.#context = snapshotOf(request.context);
    this.reports = new BackgroundReports(request.background.length);
  }

  /** Starts as many as may run at once; the others follow. */
  start(): void {
    const { executionPool } = this.request.chain;
    const room = executionPool === 0 ? Number.POSITIVE_INFINITY : executionPool;
    while (this.#running < room && this.#next < this.request.background.length) this.#startNext();
  }

  /**
   * Gives up those that run, and those that have not started.
   *
   * @param plugins ids of those that it is about; default: all. The others go on
   */
  abort(reason: Error, plugins?: ReadonlySet<string>): void {
    const isMeant = ({ plugin }: ChainStep): boolean => plugins?.has(plugin.id) ?? true;
    const { background } = this.request;
    for (let index = this.#next; index < background.length; index++) {
      const step = this.#stepAt(index);
      if (!isMeant(step) || this.#skipped?.has(index) === true) continue;
      this.#skipped ??= new Set();
      this.#skipped.add(index);
      this.#report(index, step, { kind: 'aborted' }, 0);
    }
    // One that has ended hears nothing.
    for (const branch of this.#branches) if (isMeant(branch.step)) branch.abort(reason);
  }

  /** Gives up those of these plugins, by their ids. */
  withdraw(plugins: ReadonlySet<string>): void {
    this.abort(retiredInBackground(), plugins);
  }

  contextOf(step: ChainStep): StepContext {
    if (this.#context instanceof Error) throw this.#context;
    return new StepContext(this.#context, this.request.contexts, step, this.#extensions);
  }

  answered(): void {
    // Whatever it noted is its own affair: the request has been answered.
  }

  givenUp(): void {
    // As above.
  }

  ended(branch: Branch, outcome: BranchOutcome, at: number): void {
    this.#running--;
    this.#report(branch.index, branch.step, outcome, at - branch.startedAt);
    this.start();
  }

  #startNext(): void {
    const index = this.#next++;
    if (this.#skipped?.has(index) === true) return;
    const branch = new Branch(this.#stepAt(index), index, this);
    this.#running++;
    this.#branches.push(branch);
    this.#owner.spawn(branch);
    this.#trace?.backgroundBegan(index, branch.startedAt);
  }

  #stepAt(index: number): ChainStep {
    return stepAt({ steps: this.request.background }, index);
  }

  #report(index: number, { plugin }: ChainStep, outcome: BranchOutcome, durationMs: number): void {
    const { trials } = this.request;
    const error = errorIn(outcome);
    const failed = error instanceof PluginError;
    const run = (): LoggedRun => ({ request: this.request, durationMs });
    if (failed) reportFailure(this.log, plugin, error, trials, run());
    else if (outcome.kind === 'aborted') trials?.unused(plugin);
    else trials?.succeeded(plugin);
    if (outcome.kind === 'completed') {
      logAnswer(this.log, plugin, outcome.result, false, run);
      if (outcome.result?.modifiedExtensions !== undefined) warnOfIgnoredWrites(plugin, this.rules);
    }
    const status = statusOf(outcome);
    const report = failed
      ? { plugin: plugin.name, status, durationMs, error }
      : { plugin: plugin.name, status, durationMs };
    const isLast = this.reports.add(index, report);
    this.#trace?.backgroundEnded(index, report, denialIn(outcome));
    if (isLast) this.#owner.finished(this);
  }
}

/** An error of the plugin; its violation is none, and blocks nothing any more. */
function errorIn(outcome: BranchOutcome): unknown {
  if (outcome.kind === 'denied') return outcome.failure.error;
  return outcome.kind === 'failed' || outcome.kind === 'timedOut' ? outcome.error : undefined;
}

/** What it would have blocked for: told, though the request has been answered. */
function denialIn(outcome: BranchOutcome): BackgroundDenial | undefined {
  if (outcome.kind === 'completed') {
    return outcome.result?.continueProcessing === false ? { code: outcome.result.violation?.code } : undefined;
  }
  if (outcome.kind !== 'denied' || outcome.failure.kind !== 'violation') return undefined;
  return { code: outcome.failure.violation?.code };
}

function statusOf(outcome: BranchOutcome): BackgroundReport['status'] {
  switch (outcome.kind) {
    case 'completed':
      return 'completed';
    case 'denied':
      return outcome.failure.kind === 'violation' ? 'completed' : 'failed';
    case 'failed':
      return 'failed';
    case 'timedOut':
      return 'timed_out';
    case 'aborted':
      return 'aborted';
  }
}

/** The caller goes on with its context; what others write to it from now on is not for those in the background. */
function snapshotOf(context: GlobalContext): GlobalContext | Error {
  try {
    const { requestId, user, userContext, tenantId, serverId, contentType, state, metadata } = context;
    // Written out: a spread that is written over costs more than a chain of three plugins.
    return {
      requestId,
      user: copyIfPossible(user),
      userContext: copyIfPossible(userContext),
      tenantId,
      serverId,
      contentType,
      state: copyIfPossible(state),
      metadata: copyIfPossible(metadata),
    };
  } catch (error) {
    return asError(error);
  }
}

const nothing: object = Object.freeze({});

/** What is too large or contains itself is copied at its top alone: better a part that changes than a plugin that never runs. */
function copyIfPossible<Part>(part: Part): Part {
  if (typeof part !== 'object' || part === null) return part;
  // State and metadata mostly hold nothing, which need not be measured.
  if (isPlainObject(part) && isEmpty(part)) return nothing as Part;
  return copyIfReadable(() => part) ?? { ...part };
}
