import type { InvocationContext, InvocationEvent, InvocationInput } from '../../machines/index.js';
import type { TableActor } from '../actors/table-actor.js';
import type { Effects } from '../actors/table-logic.js';
import type { GlobalContext } from '../context/global-context.js';
import type { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError, messageOf } from '../errors.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import { type PluginResult, readViolation } from '../hooks/hook-result.js';
import type { Logger } from '../observability/logger.js';
import type { Span } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { PluginViolationError } from '../plugins/plugin-error.js';
import { causeOf, readThrown } from '../plugins/thrown.js';
import { type ChainLog, logBlock, logFailure, logLostNotes, logSameAnswer, logUnusedViolation } from './chain-log.js';
import { type ChainState, finalMetadata, mergeResult, violationOf } from './chain-state.js';
import type { ChainStep, HookChain } from './hook-chain.js';
import { type HookSpans, skippedBefore } from './hook-spans.js';
import { cancelledError, closedError, timeoutError } from './invocation-errors.js';
import { checkedResult } from './result-check.js';
import { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';

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

/** What one invocation is about. */
export interface InvocationRequest {
  readonly chain: HookChain;
  readonly steps: readonly ChainStep[];
  readonly payload: unknown;
  readonly context: GlobalContext;
  readonly contexts: PluginContexts;
  readonly violationsAsExceptions: boolean;
  readonly signal: CancelSignal | undefined;
}

/** The effects of `machines/invocation.machine.ts` for one invocation: runs the plugins and settles the caller's promise. */
export class HookInvocation implements Effects<InvocationEffect, InvocationContext, InvocationEvent> {
  readonly #request: InvocationRequest;
  readonly #spans: HookSpans | undefined;
  readonly #logger: Logger;
  readonly #resolve: (outcome: HookOutcome) => void;
  readonly #reject: (error: unknown) => void;
  #actor!: InvocationActor;
  /** The context of the plugin that runs; the answer to any other is late. */
  #current: StepContext | undefined;
  /** What that plugin was given in the place of the payload. */
  #view: PayloadView | undefined;
  /** What the chain has come to. Not in the machine, where inspectors would see the payload; nor is the next. */
  #chain: ChainState;
  /** What ended the step that failed, or the whole invocation. */
  #error: unknown;
  #stepSpan: Span | undefined;
  #hookSpan: Span | undefined;

  constructor(
    request: InvocationRequest,
    logger: Logger,
    spans: HookSpans | undefined,
    resolve: (outcome: HookOutcome) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request;
    this.#logger = logger;
    this.#spans = spans;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#chain = {
      payload: request.payload,
      modified: undefined,
      decidedBy: undefined,
      violation: undefined,
      metadata: undefined,
      httpHeaders: undefined,
      retryDelayMs: 0,
    };
  }

  get input(): InvocationInput {
    const { chain, steps } = this.#request;
    return { steps: steps === chain.steps ? chain.declared : steps.map(({ declared }) => declared) };
  }

  /** Starts the actor that carries this invocation. */
  start(actor: InvocationActor): void {
    this.#actor = actor;
    this.#listen();
    this.#hookSpan = this.#spans?.startHook(this.#request);
    actor.start();
  }

  #listen(): void {
    try {
      listenForAbort(this.#request.signal, this.#cancel);
    } catch (error) {
      const { name } = this.#request.chain.hook;
      const message = `The signal of ${name} cannot be listened to: ${messageOf(error)}.`;
      throw new GatechartError('CONTEXT_INVALID', message, { cause: causeOf(error), details: { hook: name } });
    }
  }

  /** Ends the invocation as cancelled, if it has not ended. */
  readonly #cancel = (): void => {
    if (this.#actor.getSnapshot().status !== 'active') return;
    this.#error = cancelledError(this.#request.chain.hook.name, this.#request.signal?.reason);
    this.#actor.send({ type: 'cancel', code: 'INVOCATION_CANCELLED' });
  };

  runStep({ index }: InvocationContext): void {
    const step = this.#stepAt(index);
    const stepContext = new StepContext(this.#request.context, this.#request.contexts, step.plugin, step.timeoutMs);
    this.#current = stepContext;
    this.#stepSpan = this.#spans?.startPlugin(step, this.#hookSpan);
    try {
      this.#view = step.writes.view(this.#chain.payload);
      const returned = step.handler(this.#view?.given ?? this.#chain.payload, stepContext);
      if (!isThenable(returned)) return this.#stepCompleted(stepContext, index, returned);
      const completed = (result: unknown): void => this.#stepCompleted(stepContext, index, result);
      const failed = (error: unknown): void => this.#stepFailed(stepContext, index, error);
      // A promise of ours settles once and with no promise, whatever `then` it was given.
      if (returned.then === promiseThen) void returned.then(completed, failed);
      else void promiseThen.call(Promise.resolve(returned), completed, failed);
    } catch (error) {
      this.#stepFailed(stepContext, index, error);
    }
  }

  abortStep({ index, errorCode }: InvocationContext, event: InvocationEvent): void {
    const step = this.#current;
    this.#dropStep();
    if (event.type === 'cancel') this.#error ??= closedError(this.#request.chain.hook.name, errorCode);
    step?.abort(event.type === 'cancel' ? asError(this.#error) : timeoutError(this.#stepAt(index)));
  }

  reportFailure({ index }: InvocationContext, event: InvocationEvent): void {
    const { plugin } = this.#stepAt(index);
    const err = event.type === 'step.failed' ? this.#error : timeoutError(this.#stepAt(index));
    this.#error = undefined;
    logFailure(this.#log, plugin, err);
  }

  resolveCompleted({ steps }: InvocationContext): void {
    this.#resolveWith(true, steps.length);
  }

  resolveHalted({ index }: InvocationContext): void {
    const { plugin } = this.#stepAt(index);
    if (this.#request.violationsAsExceptions && plugin.capabilities.raisesViolations) {
      const { name } = this.#request.chain.hook;
      this.#rejectWith(new PluginViolationError(name, plugin.name, this.#chain.violation), index + 1, plugin.name);
    } else {
      this.#resolveWith(false, index + 1, plugin.name);
    }
  }

  rejectDenied({ index }: InvocationContext): void {
    this.#rejectWith(this.#error, index + 1, this.#stepAt(index).plugin.name);
  }

  rejectFailed({ index }: InvocationContext): void {
    this.#rejectWith(this.#error, index + 1, this.#stepAt(index).plugin.name);
  }

  rejectTimedOut({ index }: InvocationContext): void {
    this.#rejectWith(timeoutError(this.#stepAt(index)), index + 1, this.#stepAt(index).plugin.name);
  }

  rejectCancelled({ index }: InvocationContext): void {
    this.#rejectWith(this.#error, index + 1);
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    const { name } = this.#request.chain.hook;
    const message = `The invocation of ${name} broke off: ${messageOf(error)}`;
    this.#rejectWith(new GatechartError('PLUGIN_FAILED', message, { cause: causeOf(error) }), 0);
  }

  #stepCompleted(step: StepContext, index: number, returned: unknown): void {
    if (step !== this.#current) return this.#heardLate(index);
    const { plugin } = this.#stepAt(index);
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
      return this.#stepFailed(step, index, error);
    }
    if (stops) logBlock(this.#log, plugin, result?.violation);
    else if (result?.violation !== undefined && !rules.asGiven) logUnusedViolation(this.#log, plugin);
    this.#endStep('ok', result);
    this.#actor.send({ type: 'step.completed', index, stops });
  }

  #stepFailed(step: StepContext, index: number, thrown: unknown): void {
    if (step !== this.#current) return this.#heardLate(index);
    const { plugin } = this.#stepAt(index);
    const read = readThrown(thrown, plugin.name);
    if (read.kind === 'violation') {
      const given = readViolation(read.violation, () => undefined);
      const violation = given === undefined ? undefined : violationOf(plugin.name, given);
      this.#error = new PluginViolationError(this.#request.chain.hook.name, plugin.name, violation, read);
      logBlock(this.#log, plugin, violation, true);
      this.#dropStep({ violation });
      this.#actor.send({ type: 'step.denied', index, code: 'PLUGIN_VIOLATION' });
      return;
    }
    this.#error = read.error;
    const isDenied = plugin.capabilities.mayBlock && read.error.mayBeStop;
    this.#dropStep();
    this.#actor.send({ type: isDenied ? 'step.denied' : 'step.failed', index, code: read.error.code });
  }

  /** The machine drops late answers; it is told of them so that they can be seen. */
  #heardLate(index: number): void {
    if (this.#actor.getSnapshot().status === 'active') {
      this.#actor.send({ type: 'step.completed', index, stops: false });
    }
  }

  /**
   * Takes what the plugin wrote. What cannot be taken is no reason for a block not to count, nor for anything else that was
   * answered where the mode lets the chain go on.
   */
  #finish(step: StepContext, { capabilities }: LoadedPlugin, stops: boolean): void {
    const { mayBlock, mergesState, raisesErrors } = capabilities;
    if ((stops && mayBlock) || !raisesErrors) this.#finishAnyway(step, mergesState);
    else step.finish(mergesState);
  }

  /** What is answered is what was given: nothing was changed, or a change is lost that code in sloppy mode made in place. */
  #distrustIfSame(answered: unknown, index: number): void {
    if (answered !== this.#chain.payload) return;
    const { plugin, writes } = this.#stepAt(index);
    writes.distrust();
    logSameAnswer(this.#log, plugin);
  }

  #finishAnyway(step: StepContext | undefined, merge: boolean): void {
    try {
      step?.finish(merge);
    } catch (err) {
      logLostNotes(this.#log, causeOf(err), messageOf(err));
    }
  }

  /** Ends the step of a plugin that failed: only its own notes are kept, unless whoever called it by name decides. */
  #dropStep(result?: Pick<PluginResult, 'violation'>): void {
    this.#finishAnyway(this.#current, this.#request.chain.rules.asGiven);
    this.#endStep('error', result);
  }

  #endStep(status: 'ok' | 'error', result?: PluginResult): void {
    this.#current = undefined;
    if (this.#stepSpan === undefined) return;
    this.#spans?.end(this.#stepSpan, status, {
      'plugin.had_violation': result?.violation !== undefined,
      'plugin.modified_payload': result?.modifiedPayload !== undefined,
    });
    this.#stepSpan = undefined;
  }

  #resolveWith(continueProcessing: boolean, executed: number, stoppedBy?: string): void {
    const chain = this.#chain;
    const { context, contexts, steps } = this.#request;
    contexts.haveRun(context.requestId, steps, executed);
    this.#end('ok', executed, stoppedBy);
    this.#resolve({
      continueProcessing,
      modifiedPayload: chain.modified,
      violation: chain.violation,
      metadata: finalMetadata(chain, this.#request.chain.hook),
      httpHeaders: chain.httpHeaders,
      retryDelayMs: chain.retryDelayMs,
      contexts,
    });
  }

  #rejectWith(error: unknown, executed: number, stoppedBy?: string): void {
    this.#end('error', executed, stoppedBy);
    this.#reject(error);
  }

  #end(status: 'ok' | 'error', executed: number, stoppedBy?: string): void {
    const { chain, signal, steps } = this.#request;
    try {
      unlistenForAbort(signal, this.#cancel);
    } catch {
      // Whatever kind of signal it is, the invocation has ended.
    }
    if (this.#hookSpan === undefined) return;
    this.#spans?.end(this.#hookSpan, status, {
      'hook.executed': executed,
      'hook.skipped': skippedBefore(chain.steps, steps, executed, stoppedBy),
      'hook.stopped_by': stoppedBy,
    });
    this.#hookSpan = undefined;
  }

  get #log(): ChainLog {
    return { logger: this.#logger, hook: this.#request.chain.hook.name };
  }

  #stepAt(index: number): ChainStep {
    const step = this.#request.steps[index];
    if (step === undefined) throw new Error(`the chain has no step ${index}`);
    return step;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return false;
  return 'then' in value && typeof value.then === 'function';
}

// oxlint-disable-next-line typescript/unbound-method -- called on promises that may have a `then` of their own
const promiseThen = Promise.prototype.then;
