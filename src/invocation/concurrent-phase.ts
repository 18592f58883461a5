import type { ExecutionReport } from '../hooks/denial-outcome.js';
import type { Extensions } from '../extensions/extensions.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { BackgroundOwner } from './background-work.js';
import { Branch, type BranchOutcome, type BranchSurroundings } from './branch.js';
import type { ChainLog, LoggedRun } from './chain-log.js';
import type { MergeRules } from './chain-state.js';
import type { ChainStep } from './hook-chain.js';
import type { InvocationSpans } from './hook-spans.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import type { InvocationTrace } from './invocation-trace.js';
import { mergeResult } from './result-merge.js';
import { finishAnyway, keepAnyway, logAnswer, mergeAnyway, mustKeepNotes, readFailure } from './step-answer.js';
import { type GlobalChanges, StepContext } from './step-context.js';
import type { ChainProgress, InvocationActor } from './step-runner.js';

/** What a branch has answered, until the phase ends. */
interface Answer {
  readonly branch: Branch;
  readonly context: StepContext;
  readonly result: PluginResult | undefined;
  readonly changes: GlobalChanges | undefined;
}

/**
 * The plugins of one invocation that judge side by side: all get the payload that those in turn have left. What they
 * answer is taken into the chain in its order when the phase ends, so that it does not depend on who was quicker.
 */
export class ConcurrentPhase implements BranchSurroundings {
  readonly payload: unknown;
  readonly rules: MergeRules;
  readonly log: ChainLog;
  readonly spans: InvocationSpans | undefined;
  readonly #trace: InvocationTrace | undefined;
  readonly request: InvocationRequest;
  readonly #progress: ChainProgress;
  readonly #invocation: InvocationActor;
  readonly #owner: Pick<BackgroundOwner, 'spawn'>;
  readonly #extensions: Extensions | undefined;
  #running = 0;
  readonly #branches: Branch[] = [];
  readonly #answers: Answer[] = [];
  #next: number;

  constructor(
    request: InvocationRequest,
    spans: InvocationSpans | undefined,
    trace: InvocationTrace | undefined,
    progress: ChainProgress,
    invocation: InvocationActor,
    owner: Pick<BackgroundOwner, 'spawn'>,
  ) {
    this.payload = progress.chain.payload;
    this.#extensions = progress.chain.extensions;
    this.rules = request.chain.rules;
    this.log = request.chain.log;
    this.spans = spans;
    this.#trace = trace;
    this.request = request;
    this.#progress = progress;
    this.#invocation = invocation;
    this.#owner = owner;
    this.#next = request.steps.length - request.sideBySide;
  }

  /** Starts as many as may run at once. */
  start(): void {
    const { executionPool } = this.request.chain;
    const room = executionPool === 0 ? Number.POSITIVE_INFINITY : executionPool;
    for (let started = 0; started < room && this.#next < this.request.steps.length; started++) this.startNext();
  }

  /** Starts the next one in the order of the chain, if one is left. */
  startNext(): void {
    const index = this.#next;
    if (index >= this.request.steps.length) return;
    this.#next = index + 1;
    const branch = new Branch(stepAt(this.request, index), index, this);
    this.#running++;
    this.#branches.push(branch);
    this.#owner.spawn(branch);
    this.#progress.executions.start(branch.startedAt);
  }

  /** Gives up those that still run: nobody waits for them. */
  abort(reason: () => Error): void {
    if (this.#running === 0) return;
    const error = reason();
    // One that has ended hears nothing.
    for (const branch of this.#branches) branch.abort(error);
  }

  /** Takes what was answered into the chain. @param decider position of the one that blocked, if one did */
  merge(decider: number | undefined): void {
    this.#answers.sort((a, b) => a.branch.index - b.branch.index);
    for (const { branch, context, result, changes } of this.#answers) {
      const { plugin } = branch.step;
      if (decider === undefined && plugin.rights.raisesErrors) this.#mergeState(branch, context, changes);
      else mergeAnyway(context, changes, this.log);
      if (result === undefined) continue;
      // Others may have said stop before the first of them was heard.
      const isOvertaken = result.continueProcessing === false && branch.index !== decider;
      const taken = isOvertaken ? { ...result, continueProcessing: true, violation: undefined } : result;
      const before = this.#progress.chain;
      this.#progress.chain = mergeResult(before, taken, plugin, this.rules);
      this.#progress.executions.answer(branch.index, result, before, this.#progress.chain);
    }
    if (decider === undefined) return;
    // The block decides, wherever its plugin stands.
    const { chain } = this.#progress;
    const { name } = stepAt(this.request, decider).plugin;
    const decidedBy = this.rules.hook.reportsDecision === true ? name : chain.decidedBy;
    this.#progress.chain = { ...chain, retryDelayMs: 0, decidedBy };
  }

  get report(): ExecutionReport {
    return this.#progress.executions;
  }

  /** @throws PluginError CONTEXT_INVALID for a request that cannot be written to */
  #mergeState({ step, index }: Branch, context: StepContext, changes: GlobalChanges | undefined): void {
    try {
      context.merge(changes);
    } catch (error) {
      throw readFailure(error, step.plugin, this.log, this.report, () => this.#run(index)).error;
    }
  }

  contextOf(step: ChainStep): StepContext {
    return new StepContext(this.request.context, this.request.contexts, step, this.#extensions);
  }

  answered(branch: Branch, context: StepContext, result: PluginResult | undefined): void {
    const { plugin } = branch.step;
    const stops = result?.continueProcessing === false;
    const changes = mustKeepNotes(plugin.rights, stops) ? context.keep() : keepAnyway(context, this.log);
    if (result !== undefined) logAnswer(this.log, plugin, result, this.rules.asGiven, () => this.#run(branch.index));
    this.#answers.push({ branch, context, result, changes: plugin.rights.mergesState ? changes : undefined });
  }

  givenUp(_branch: Branch, context: StepContext): void {
    finishAnyway(context, false, this.log);
  }

  ended(branch: Branch, outcome: BranchOutcome, at: number): void {
    this.#running--;
    const { index } = branch;
    const { plugin } = branch.step;
    if (outcome.kind !== 'aborted') this.#note(index, outcome, at);
    switch (outcome.kind) {
      case 'completed':
        this.request.trials?.succeeded(plugin);
        this.#invocation.send({ type: 'step.completed', index, stops: outcome.result?.continueProcessing === false });
        return;
      case 'denied':
        if (outcome.failure.kind === 'violation') this.request.trials?.succeeded(plugin);
        this.#invocation.send({ type: 'step.denied', index, code: outcome.failure.error.code });
        return;
      case 'failed':
        this.#invocation.send({ type: 'step.failed', index, code: outcome.error.code });
        return;
      case 'timedOut':
        this.#trace?.expired(branch.step);
        this.#invocation.send({ type: 'step.timedOut', index });
        return;
      case 'aborted':
        return;
    }
  }

  #run(index: number): LoggedRun {
    const { deadlines } = this.#invocation.logic;
    return { request: this.request, durationMs: this.#progress.executions.elapsedMs(index, deadlines.now()) };
  }

  /** What it has changed is seen when all is merged. */
  #note(index: number, outcome: Exclude<BranchOutcome, { kind: 'aborted' }>, at: number): void {
    const { chain, executions } = this.#progress;
    executions.endBranch(index, at);
    if (outcome.kind === 'completed') {
      if (outcome.result !== undefined) executions.answer(index, outcome.result, chain, chain);
      return;
    }
    executions.fail(index, outcome.kind === 'denied' ? outcome.failure : { kind: 'error', error: outcome.error });
  }
}
