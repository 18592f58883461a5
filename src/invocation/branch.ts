import type { BranchContext, BranchEvent, BranchInput } from '../../machines/index.js';
import type { ProgrammedActor } from '../actors/programmed-actor.js';
import type { Effects } from '../actors/machine-program.js';
import { messageOf } from '../errors.js';
import type { ExecutionReport } from '../hooks/denial-outcome.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { Span } from '../observability/spans.js';
import { PluginError } from '../plugins/plugin-error.js';
import { causeOf } from '../plugins/thrown.js';
import type { ChainLog, LoggedRun } from './chain-log.js';
import type { MergeRules } from './chain-state.js';
import type { ChainStep } from './hook-chain.js';
import type { InvocationSpans } from './hook-spans.js';
import type { InvocationRequest } from './invocation-request.js';
import { heldResult } from './held-result.js';
import { timeoutError } from './invocation-errors.js';
import { type AnswerListener, runPlugin } from './plugin-run.js';
import { denies, readAnswer, readFailure, type StepFailure } from './step-answer.js';
import type { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';
import type { BranchEffect } from './programs/branch-program.js';

export type BranchActor = ProgrammedActor<BranchEffect, BranchContext, BranchEvent>;

/** How a branch ended. */
export type BranchOutcome =
  | { readonly kind: 'completed'; readonly result: PluginResult | undefined }
  /** It threw its violation, or may have said stop. */
  | { readonly kind: 'denied'; readonly failure: StepFailure }
  | { readonly kind: 'failed'; readonly error: PluginError }
  | { readonly kind: 'timedOut'; readonly error: PluginError }
  | { readonly kind: 'aborted' };

/** What a branch needs to know of the invocation it belongs to. */
export interface BranchSurroundings {
  readonly request: InvocationRequest;
  readonly payload: unknown;
  readonly rules: MergeRules;
  readonly log: ChainLog;
  readonly spans: InvocationSpans | undefined;
  /** What errors tell of the chain. */
  readonly report: ExecutionReport | undefined;
  contextOf(step: ChainStep): StepContext;
  /** Takes what the plugin noted when it has answered, and again when it is given up. @throws RangeError */
  answered(branch: Branch, context: StepContext, result: PluginResult | undefined): void;
  givenUp(branch: Branch, context: StepContext): void;
  /** It has ended; told once. @param at milliseconds on the chain's clock */
  ended(branch: Branch, outcome: BranchOutcome, at: number): void;
}

/** One plugin beside others. Runs `machines/branch.machine.ts`. */
export class Branch implements Effects<BranchEffect, BranchContext, BranchEvent> {
  readonly step: ChainStep;
  /** Position among the steps of the invocation. */
  readonly index: number;
  view: PayloadView | undefined;
  listener: AnswerListener | undefined;
  readonly #surroundings: BranchSurroundings;
  #actor!: BranchActor;
  /** While its answer is waited for. */
  #context: StepContext | undefined;
  #span: Span | undefined;
  #outcome: BranchOutcome = { kind: 'aborted' };
  #abortReason: Error | undefined;

  constructor(step: ChainStep, index: number, surroundings: BranchSurroundings) {
    this.step = step;
    this.index = index;
    this.#surroundings = surroundings;
  }

  get input(): BranchInput {
    return { plugin: this.step.plugin.name, timeoutMs: this.step.timeoutMs };
  }

  start(actor: BranchActor): void {
    this.#actor = actor;
    actor.start();
  }

  get spans(): InvocationSpans | undefined {
    return this.#surroundings.spans;
  }

  /** When its plugin was called, in milliseconds on the chain's clock. */
  get startedAt(): number {
    return this.#actor.enteredAt;
  }

  /** Gives the plugin up, if it still runs. */
  abort(reason: Error): void {
    this.#abortReason = reason;
    this.#actor.send({ type: 'branch.abort' });
  }

  runPlugin(): void {
    const { payload } = this.#surroundings;
    const context = this.#surroundings.contextOf(this.step);
    this.#context = context;
    this.#span = this.spans?.startStep(this.step, context);
    runPlugin(this.step, this.index, payload, context, this, this.#span);
  }

  abortPlugin(_context: BranchContext, { type }: BranchEvent): void {
    const context = this.#context;
    if (context === undefined) return;
    const late = type === 'branch.abort' ? undefined : timeoutError(this.step, this.#surroundings.report);
    this.#surroundings.givenUp(this, context);
    this.#end(late === undefined ? { kind: 'aborted' } : { kind: 'timedOut', error: late });
    context.abort(late ?? this.#abortReason ?? new Error('given up'));
  }

  tellEnded(): void {
    this.#surroundings.ended(this, this.#outcome, this.#actor.logic.deadlines.now());
  }

  /** The machine broke off, which must not leave anybody waiting. */
  crashed(error: unknown): void {
    const { name } = this.step.plugin;
    const message = `Plugin ${name} broke off: ${messageOf(error)}`;
    const { report } = this.#surroundings;
    this.#end({
      kind: 'failed',
      error: new PluginError({ message, pluginName: name }, { cause: causeOf(error), report }),
    });
    this.tellEnded();
  }

  /** @internal */
  completed(context: StepContext, index: number, returned: unknown): void {
    if (context !== this.#context) return;
    const { payload, rules, log } = this.#surroundings;
    let result: PluginResult | undefined;
    try {
      const answer = readAnswer(returned, this.step, payload, this.view, rules, log);
      result = answer === undefined ? undefined : heldResult(answer, this.step.plugin, rules);
      this.#surroundings.answered(this, context, result);
    } catch (error) {
      return this.failed(context, index, error);
    }
    this.#end({ kind: 'completed', result });
    this.#actor.send({ type: 'branch.completed', stops: result?.continueProcessing === false });
  }

  /** @internal */
  failed(context: StepContext, _index: number, thrown: unknown): void {
    if (context !== this.#context) return;
    const { plugin } = this.step;
    const { log, report } = this.#surroundings;
    const failure = readFailure(thrown, plugin, log, report, () => this.#run());
    const { code } = failure.error;
    this.#surroundings.givenUp(this, context);
    if (failure.kind === 'violation' || denies(plugin, failure)) {
      this.#end({ kind: 'denied', failure });
      this.#actor.send({ type: 'branch.denied', code });
    } else {
      this.#end({ kind: 'failed', error: failure.error });
      this.#actor.send({ type: 'branch.failed', code });
    }
  }

  #end(outcome: BranchOutcome): void {
    this.#context = undefined;
    this.#outcome = outcome;
    const result =
      outcome.kind === 'completed'
        ? outcome.result
        : outcome.kind === 'denied' && outcome.failure.kind === 'violation'
          ? { violation: outcome.failure.violation }
          : undefined;
    this.spans?.endStep(this.#span, result, outcome.kind === 'completed' ? undefined : this.#errorOf(outcome));
  }

  #errorOf(outcome: Exclude<BranchOutcome, { kind: 'completed' }>): unknown {
    if (outcome.kind === 'aborted') return this.#abortReason ?? 'given up';
    return outcome.kind === 'denied' ? outcome.failure.error : outcome.error;
  }

  #run(): LoggedRun {
    const durationMs = this.#actor.logic.deadlines.now() - this.startedAt;
    return { request: this.#surroundings.request, durationMs };
  }
}
