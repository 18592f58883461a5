import type { InvocationContext, InvocationEvent } from '../../machines/index.js';
import type { TableActor } from '../actors/table-actor.js';
import { messageOf } from '../errors.js';
import { type PluginResult, readViolation } from '../hooks/hook-result.js';
import type { Logger } from '../observability/logger.js';
import type { Span } from '../observability/spans.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { PluginViolationError } from '../plugins/plugin-error.js';
import { causeOf, readThrown } from '../plugins/thrown.js';
import { type ChainLog, logBlock, logLostNotes, logSameAnswer, logUnusedViolation } from './chain-log.js';
import { type ChainState, emptyChain } from './chain-state.js';
import type { InvocationSpans } from './hook-spans.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import { checkedResult } from './result-check.js';
import { mergeResult, violationOf } from './result-merge.js';
import { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';

/** What the invocation machine leaves to others. */
export type InvocationEffect =
  | 'runStep'
  | 'abortStep'
  | 'reportFailure'
  | 'resolveCompleted'
  | 'resolveHalted'
  | 'rejectDenied'
  | 'rejectFailed'
  | 'rejectTimedOut'
  | 'rejectCancelled';

export type InvocationActor = TableActor<InvocationEffect, InvocationContext, InvocationEvent>;

/** Runs the plugins of one invocation, one at a time: takes what each answers into the chain, and tells the machine. */
export class StepRunner {
  readonly #request: InvocationRequest;
  readonly #logger: Logger;
  readonly #spans: InvocationSpans | undefined;
  readonly #actor: InvocationActor;
  /** The context of the plugin that runs; the answer to any other is late. */
  #current: StepContext | undefined;
  /** What that plugin was given in the place of the payload. */
  #view: PayloadView | undefined;
  #span: Span | undefined;
  #chain: ChainState;
  #error: unknown;

  constructor(request: InvocationRequest, logger: Logger, spans: InvocationSpans | undefined, actor: InvocationActor) {
    this.#request = request;
    this.#logger = logger;
    this.#spans = spans;
    this.#actor = actor;
    this.#chain = emptyChain(request.payload);
  }

  /** What the chain has come to. Not in the machine, where inspectors would see the payload. */
  get chain(): ChainState {
    return this.#chain;
  }

  /** What ended the last step that failed. */
  get error(): unknown {
    return this.#error;
  }

  /** Gives the payload to a plugin. */
  run(index: number): void {
    const step = stepAt(this.#request, index);
    const stepContext = new StepContext(this.#request.context, this.#request.contexts, step.plugin, step.timeoutMs);
    this.#current = stepContext;
    this.#span = this.#spans?.startStep(step);
    try {
      this.#view = step.writes.view(this.#chain.payload);
      const returned = step.handler(this.#view?.given ?? this.#chain.payload, stepContext);
      if (!isThenable(returned)) return this.#completed(stepContext, index, returned);
      const completed = (result: unknown): void => this.#completed(stepContext, index, result);
      const failed = (error: unknown): void => this.#failed(stepContext, index, error);
      // A promise of ours settles once and with no promise, whatever `then` it was given.
      if (returned.then === promiseThen) void returned.then(completed, failed);
      else void promiseThen.call(Promise.resolve(returned), completed, failed);
    } catch (error) {
      this.#failed(stepContext, index, error);
    }
  }

  /** Gives the plugin up that runs, if one does. Its answer is late from now on. */
  abort(reason: () => Error): void {
    const step = this.#current;
    this.#drop();
    step?.abort(reason());
  }

  #completed(step: StepContext, index: number, returned: unknown): void {
    if (step !== this.#current) return this.#heardLate(index);
    const { plugin } = stepAt(this.#request, index);
    const { hook, rules } = this.#request.chain;
    let result: PluginResult | undefined;
    let stops = false;
    try {
      result = checkedResult(returned, plugin, rules);
      if (this.#view !== undefined) result = this.#view.answered(result, hook, plugin.name);
      else if (result?.modifiedPayload !== undefined) this.#distrustIfSame(result.modifiedPayload, index);
      stops = result?.continueProcessing === false;
      const chain = result === undefined ? this.#chain : mergeResult(this.#chain, result, plugin, rules);
      this.#finish(step, plugin, stops);
      this.#chain = chain;
    } catch (error) {
      return this.#failed(step, index, error);
    }
    if (stops) logBlock(this.#log, plugin, result?.violation);
    else if (result?.violation !== undefined && !rules.asGiven) logUnusedViolation(this.#log, plugin);
    this.#end('ok', result);
    this.#actor.send({ type: 'step.completed', index, stops });
  }

  #failed(step: StepContext, index: number, thrown: unknown): void {
    if (step !== this.#current) return this.#heardLate(index);
    const { plugin } = stepAt(this.#request, index);
    const read = readThrown(thrown, plugin.name);
    if (read.kind === 'violation') {
      const given = readViolation(read.violation, () => undefined);
      const violation = given === undefined ? undefined : violationOf(plugin.name, given);
      this.#error = new PluginViolationError(this.#request.chain.hook.name, plugin.name, violation, read);
      logBlock(this.#log, plugin, violation, true);
      this.#drop({ violation });
      this.#actor.send({ type: 'step.denied', index, code: 'PLUGIN_VIOLATION' });
      return;
    }
    this.#error = read.error;
    const isDenied = plugin.rights.mayBlock && read.error.mayBeStop;
    this.#drop();
    this.#actor.send({ type: isDenied ? 'step.denied' : 'step.failed', index, code: read.error.code });
  }

  /** The machine drops late answers; it is told of them so that they can be seen. */
  #heardLate(index: number): void {
    if (this.#actor.getSnapshot().status === 'active') {
      this.#actor.send({ type: 'step.completed', index, stops: false });
    }
  }

  /** What is answered is what was given: nothing was changed, or a change is lost that code in sloppy mode made in place. */
  #distrustIfSame(answered: unknown, index: number): void {
    if (answered !== this.#chain.payload) return;
    const { plugin, writes } = stepAt(this.#request, index);
    writes.distrust();
    logSameAnswer(this.#log, plugin);
  }

  /**
   * Takes what the plugin wrote. What cannot be taken is no reason for a block not to count, nor for anything else that was
   * answered where the mode lets the chain go on.
   */
  #finish(step: StepContext, { rights }: ChainPlugin, stops: boolean): void {
    const { mayBlock, mergesState, raisesErrors } = rights;
    if ((stops && mayBlock) || !raisesErrors) this.#finishAnyway(step, mergesState);
    else step.finish(mergesState);
  }

  #finishAnyway(step: StepContext | undefined, merge: boolean): void {
    try {
      step?.finish(merge);
    } catch (err) {
      logLostNotes(this.#log, causeOf(err), messageOf(err));
    }
  }

  /** Ends the step of a plugin that failed: only its own notes are kept, unless whoever called it by name decides. */
  #drop(result?: Pick<PluginResult, 'violation'>): void {
    this.#finishAnyway(this.#current, this.#request.chain.rules.asGiven);
    this.#end('error', result);
  }

  #end(status: 'ok' | 'error', result?: PluginResult): void {
    this.#current = undefined;
    this.#spans?.endStep(this.#span, status, result);
    this.#span = undefined;
  }

  get #log(): ChainLog {
    return { logger: this.#logger, hook: this.#request.chain.hook.name };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return false;
  return 'then' in value && typeof value.then === 'function';
}

// oxlint-disable-next-line typescript/unbound-method -- called on promises that may have a `then` of their own
const promiseThen = Promise.prototype.then;
