import type { InvocationContext, InvocationEvent } from '../../machines/index.js';
import type { ProgrammedActor } from '../actors/programmed-actor.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { Span } from '../observability/spans.js';
import type { ChainLog, LoggedRun } from './chain-log.js';
import { type ChainState, emptyChain } from './chain-state.js';
import type { ExecutionLog } from './execution-log.js';
import type { InvocationSpans } from './hook-spans.js';
import { timeoutError } from './invocation-errors.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import type { InvocationTrace } from './invocation-trace.js';
import { type AnswerListener, runPlugin } from './plugin-run.js';
import { isNoOpAnswer } from './result-check.js';
import { mergeResult } from './result-merge.js';
import { denies, finishAnyway, logAnswer, mustKeepNotes, readAnswer, readFailure } from './step-answer.js';
import { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';
import type { InvocationEffect } from './programs/invocation-program.js';

export type InvocationActor = ProgrammedActor<InvocationEffect, InvocationContext, InvocationEvent>;

/** How far an invocation has come. Not in the machine, where inspectors would see the payload. */
export interface ChainProgress {
  chain: ChainState;
  readonly executions: ExecutionLog;
}

/** Runs the plugins that run in turn: takes what each answers into the chain, and tells the machine. */
export abstract class StepRunner implements ChainProgress {
  chain: ChainState;
  readonly executions: ExecutionLog;
  view: PayloadView | undefined = undefined;
  listener: AnswerListener | undefined = undefined;
  readonly spans: InvocationSpans | undefined;
  protected readonly request: InvocationRequest;
  protected readonly trace: InvocationTrace | undefined;
  protected actor: InvocationActor | undefined = undefined;
  /** The context of the plugin that runs; the answer to any other is late. */
  #current: StepContext | undefined = undefined;
  #span: Span | undefined = undefined;

  constructor(
    request: InvocationRequest,
    executions: ExecutionLog,
    spans: InvocationSpans | undefined,
    trace: InvocationTrace | undefined,
  ) {
    this.executions = executions;
    this.request = request;
    this.spans = spans;
    this.trace = trace;
    this.chain = emptyChain(request.payload, request.extensions);
  }

  protected get log(): ChainLog {
    return this.request.chain.log;
  }

  /** Gives the payload to a plugin. */
  runStep({ index }: InvocationContext): void {
    const { request, executions, chain, actor } = this;
    const step = stepAt(request, index);
    const context = new StepContext(request.context, request.contexts, step, chain.extensions);
    this.#current = context;
    executions.start(actor === undefined ? Number.NaN : actor.enteredAt);
    if (this.spans !== undefined) this.#span = this.spans.startStep(step, context);
    runPlugin(step, index, chain.payload, context, this, this.#span);
  }

  /** Gives the plugin up that runs, if one does. Its answer is late from now on. */
  protected giveUp(reason: () => Error): void {
    const context = this.#current;
    if (context === undefined) return;
    const error = reason();
    this.listener = undefined;
    this.#drop(error);
    context.abort(error);
  }

  /** The plugin that runs has missed its deadline. */
  protected expire(index: number): void {
    const step = stepAt(this.request, index);
    this.trace?.expired(step);
    const error = timeoutError(step, this.executions);
    this.executions.fail(index, { kind: 'error', error });
    this.giveUp(() => error);
  }

  /** @internal */
  completed(context: StepContext, index: number, returned: unknown): void {
    if (context !== this.#current) return this.#heardLate(index);
    // By far the most answers, which leave nothing to do: worth a way so short that the compiler makes one piece of it.
    if (this.view === undefined && !context.isUsed && isNoOpAnswer(returned)) this.#pass(index, undefined);
    else this.#take(context, index, returned);
  }

  #take(context: StepContext, index: number, returned: unknown): void {
    const { request } = this;
    const step = stepAt(request, index);
    const { plugin } = step;
    const { rules, log } = request.chain;
    let result: PluginResult | undefined;
    let stops = false;
    try {
      const before = this.chain;
      result = readAnswer(returned, step, before.payload, this.view, rules, log);
      stops = result?.continueProcessing === false;
      const chain = result === undefined ? before : mergeResult(before, result, plugin, rules);
      if (mustKeepNotes(plugin.rights, stops)) context.finish(plugin.rights.mergesState);
      else finishAnyway(context, plugin.rights.mergesState, log);
      if (result !== undefined) this.#changed(index, result, chain);
    } catch (error) {
      return this.failed(context, index, error);
    }
    if (result !== undefined) this.#logAnswer(index, result);
    this.#pass(index, result);
  }

  /** The plugin has had its turn, and what it answered is taken. */
  #pass(index: number, result: PluginResult | undefined): void {
    this.#end(result);
    const { request } = this;
    if (request.trials !== undefined) request.trials.succeeded(stepAt(request, index).plugin);
    const stops = result?.continueProcessing === false;
    this.actor?.send(stops ? { type: 'step.completed', index, stops } : passed(index));
  }

  #changed(index: number, result: PluginResult, chain: ChainState): void {
    const before = this.chain;
    this.chain = chain;
    this.executions.answer(index, result, before, chain);
    if (this.trace !== undefined) this.#noteChange(this.trace, index, before);
  }

  #logAnswer(index: number, result: PluginResult): void {
    const { plugin } = stepAt(this.request, index);
    logAnswer(this.log, plugin, result, this.request.chain.rules.asGiven, () => this.#run(index));
  }

  /** @internal */
  failed(context: StepContext, index: number, thrown: unknown): void {
    if (context !== this.#current) return this.#heardLate(index);
    const { plugin } = stepAt(this.request, index);
    const failure = readFailure(thrown, plugin, this.log, this.executions, () => this.#run(index));
    this.executions.fail(index, failure);
    this.#drop(failure.error, failure.kind === 'violation' ? failure : undefined);
    if (failure.kind === 'violation') this.request.trials?.succeeded(plugin);
    const type = denies(plugin, failure) ? 'step.denied' : 'step.failed';
    this.actor?.send({ type, index, code: failure.error.code });
  }

  #noteChange(trace: InvocationTrace, index: number, { payload, modified }: ChainState): void {
    const after = this.chain.modified;
    if (after === undefined || after === modified || after === payload) return;
    // A result of its own stands beside the payload.
    trace.changed(index, this.request.chain.hook.result === undefined ? payload : modified, after);
  }

  /** The machine drops late answers; it is told of them so that they can be seen. */
  #heardLate(index: number): void {
    if (this.actor?.hasEnded === false) this.actor.send(passed(index));
  }

  /** Ends the step of a plugin that failed: only its own notes are kept, unless whoever called it by name decides. */
  #drop(error: unknown, result?: Pick<PluginResult, 'violation'>): void {
    finishAnyway(this.#current, this.request.chain.rules.asGiven, this.log);
    this.#end(result, error);
  }

  #end(result: PluginResult | undefined, error?: unknown): void {
    this.#current = undefined;
    if (this.spans === undefined) return;
    this.spans.endStep(this.#span, result, error);
    this.#span = undefined;
  }

  /** Milliseconds on the chain's clock. */
  protected abstract now(): number;

  #run(index: number): LoggedRun {
    return { request: this.request, durationMs: this.executions.elapsedMs(index, this.now()) };
  }
}

/** What most plugins answer, made once for each place in a chain: whoever observes knows it again by looking at it. */
const passes: InvocationEvent[] = [];

function passed(index: number): InvocationEvent {
  return (passes[index] ??= Object.freeze({ type: 'step.completed', index, stops: false }));
}
