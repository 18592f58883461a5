import type { InvocationContext, InvocationEvent } from '../../machines/index.js';
import type { TableActor } from '../actors/table-actor.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { Span } from '../observability/spans.js';
import type { ChainLog } from './chain-log.js';
import { type ChainState, emptyChain } from './chain-state.js';
import type { ExecutionLog } from './execution-log.js';
import type { InvocationSpans } from './hook-spans.js';
import { timeoutError } from './invocation-errors.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import type { InvocationTrace } from './invocation-trace.js';
import { runPlugin } from './plugin-run.js';
import { mergeResult } from './result-merge.js';
import { denies, finishAnyway, logAnswer, mustKeepNotes, readAnswer, readFailure } from './step-answer.js';
import { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';

/** What the invocation machine leaves to others. */
export type InvocationEffect =
  | 'runStep'
  | 'abortStep'
  | 'startBranches'
  | 'startNextBranch'
  | 'abortBranches'
  | 'mergeBranches'
  | 'reportFailure'
  | 'startBackground'
  | 'resolveCompleted'
  | 'resolveHalted'
  | 'rejectDenied'
  | 'rejectFailed'
  | 'rejectTimedOut'
  | 'rejectCancelled';

export type InvocationActor = TableActor<InvocationEffect, InvocationContext, InvocationEvent>;

/** How far an invocation has come. Not in the machine, where inspectors would see the payload. */
export interface ChainProgress {
  chain: ChainState;
  readonly executions: ExecutionLog;
}

/** Runs the plugins that run in turn: takes what each answers into the chain, and tells the machine. */
export class StepRunner implements ChainProgress {
  chain: ChainState;
  readonly executions: ExecutionLog;
  view: PayloadView | undefined;
  readonly #request: InvocationRequest;
  readonly #log: ChainLog;
  readonly #spans: InvocationSpans | undefined;
  readonly #trace: InvocationTrace | undefined;
  readonly #actor: InvocationActor;
  /** The context of the plugin that runs; the answer to any other is late. */
  #current: StepContext | undefined;
  #span: Span | undefined;

  constructor(
    request: InvocationRequest,
    executions: ExecutionLog,
    spans: InvocationSpans | undefined,
    trace: InvocationTrace | undefined,
    actor: InvocationActor,
  ) {
    this.executions = executions;
    this.#request = request;
    this.#log = request.chain.log;
    this.#spans = spans;
    this.#trace = trace;
    this.#actor = actor;
    this.chain = emptyChain(request.payload, request.extensions);
  }

  /** Gives the payload to a plugin. */
  run(index: number): void {
    const step = stepAt(this.#request, index);
    const context = new StepContext(this.#request.context, this.#request.contexts, step, this.chain.extensions);
    this.#current = context;
    this.executions.start(this.#actor.enteredAt);
    this.#span = this.#spans?.startStep(step);
    runPlugin(step, index, this.chain.payload, context, this);
  }

  /** Gives the plugin up that runs, if one does. Its answer is late from now on. */
  abort(reason: () => Error): void {
    const context = this.#current;
    this.#drop();
    context?.abort(reason());
  }

  /** The plugin that runs has missed its deadline. */
  expire(index: number): void {
    const step = stepAt(this.#request, index);
    this.#trace?.expired(step);
    const error = timeoutError(step, this.executions);
    this.executions.fail(index, { kind: 'error', error });
    this.abort(() => error);
  }

  /** @internal */
  completed(context: StepContext, index: number, returned: unknown): void {
    if (context !== this.#current) return this.#heardLate(index);
    const step = stepAt(this.#request, index);
    const { plugin } = step;
    const { rules } = this.#request.chain;
    let result: PluginResult | undefined;
    let stops = false;
    try {
      const before = this.chain;
      result = readAnswer(returned, step, before.payload, this.view, rules, this.#log);
      stops = result?.continueProcessing === false;
      const chain = result === undefined ? before : mergeResult(before, result, plugin, rules);
      if (mustKeepNotes(plugin.rights, stops)) context.finish(plugin.rights.mergesState);
      else finishAnyway(context, plugin.rights.mergesState, this.#log);
      this.chain = chain;
      if (result !== undefined) {
        this.executions.answer(index, result, before, chain);
        if (this.#trace !== undefined) this.#noteChange(this.#trace, index, before);
      }
    } catch (error) {
      return this.failed(context, index, error);
    }
    if (result !== undefined) logAnswer(this.#log, plugin, result, rules.asGiven);
    this.#end('ok', result);
    this.#request.trials?.succeeded(plugin);
    this.#actor.send(stops ? { type: 'step.completed', index, stops } : passed(index));
  }

  /** @internal */
  failed(context: StepContext, index: number, thrown: unknown): void {
    if (context !== this.#current) return this.#heardLate(index);
    const { plugin } = stepAt(this.#request, index);
    const failure = readFailure(thrown, plugin, this.#log, this.executions);
    this.executions.fail(index, failure);
    this.#drop(failure.kind === 'violation' ? failure : undefined);
    if (failure.kind === 'violation') this.#request.trials?.succeeded(plugin);
    const type = denies(plugin, failure) ? 'step.denied' : 'step.failed';
    this.#actor.send({ type, index, code: failure.error.code });
  }

  #noteChange(trace: InvocationTrace, index: number, { payload, modified }: ChainState): void {
    const after = this.chain.modified;
    if (after === undefined || after === modified || after === payload) return;
    // A result of its own stands beside the payload.
    trace.changed(index, this.#request.chain.hook.result === undefined ? payload : modified, after);
  }

  /** The machine drops late answers; it is told of them so that they can be seen. */
  #heardLate(index: number): void {
    if (this.#actor.getSnapshot().status === 'active') {
      this.#actor.send(passed(index));
    }
  }

  /** Ends the step of a plugin that failed: only its own notes are kept, unless whoever called it by name decides. */
  #drop(result?: Pick<PluginResult, 'violation'>): void {
    finishAnyway(this.#current, this.#request.chain.rules.asGiven, this.#log);
    this.#end('error', result);
  }

  #end(status: 'ok' | 'error', result?: PluginResult): void {
    this.#current = undefined;
    this.#spans?.endStep(this.#span, status, result);
    this.#span = undefined;
  }
}

/** What most plugins answer, made once for each place in a chain: whoever observes knows it again by looking at it. */
const passes: InvocationEvent[] = [];

function passed(index: number): InvocationEvent {
  return (passes[index] ??= Object.freeze({ type: 'step.completed', index, stops: false }));
}
