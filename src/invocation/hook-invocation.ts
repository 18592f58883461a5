import type { InvocationContext, InvocationEvent, InvocationInput } from '../../machines/index.js';
import type { Effects } from '../actors/table-logic.js';
import { GatechartError, messageOf } from '../errors.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { Logger } from '../observability/logger.js';
import { PluginViolationError } from '../plugins/plugin-error.js';
import { causeOf } from '../plugins/thrown.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import { logFailure } from './chain-log.js';
import { finalMetadata } from './chain-state.js';
import type { HookSpans, InvocationSpans } from './hook-spans.js';
import { cancelledError, closedError, timeoutError } from './invocation-errors.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import { type InvocationActor, type InvocationEffect, StepRunner } from './step-runner.js';

/** The effects of `machines/invocation.machine.ts` for one invocation: runs the plugins and settles the caller's promise. */
export class HookInvocation implements Effects<InvocationEffect, InvocationContext, InvocationEvent> {
  readonly #request: InvocationRequest;
  readonly #spans: InvocationSpans | undefined;
  readonly #logger: Logger;
  readonly #resolve: (outcome: HookOutcome) => void;
  readonly #reject: (error: unknown) => void;
  #actor!: InvocationActor;
  #steps!: StepRunner;
  /** Why the invocation was cancelled. */
  #cancelled: unknown;

  constructor(
    request: InvocationRequest,
    logger: Logger,
    spans: HookSpans | undefined,
    resolve: (outcome: HookOutcome) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request;
    this.#logger = logger;
    this.#spans = spans?.of(request);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get input(): InvocationInput {
    const { chain, steps } = this.#request;
    return { steps: steps === chain.steps ? chain.declared : steps.map(({ declared }) => declared) };
  }

  /** Starts the actor that carries this invocation. */
  start(actor: InvocationActor): void {
    this.#actor = actor;
    // Before what follows: a signal that fires while it is being listened to, or a provider of spans, may cancel it.
    this.#steps = new StepRunner(this.#request, this.#logger, this.#spans, actor);
    this.#listen();
    this.#request.chain.generation.enter();
    this.#spans?.start();
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
    this.#cancelled = cancelledError(this.#request.chain.hook.name, this.#request.signal?.reason);
    this.#actor.send({ type: 'cancel', code: 'INVOCATION_CANCELLED' });
  };

  runStep({ index }: InvocationContext): void {
    this.#steps.run(index);
  }

  abortStep({ index, errorCode }: InvocationContext, event: InvocationEvent): void {
    if (event.type !== 'cancel') return this.#steps.abort(() => timeoutError(stepAt(this.#request, index)));
    this.#cancelled ??= closedError(this.#request.chain.hook.name, errorCode);
    this.#steps.abort(() => asError(this.#cancelled));
  }

  reportFailure({ index }: InvocationContext, event: InvocationEvent): void {
    const step = stepAt(this.#request, index);
    const { name } = this.#request.chain.hook;
    const error = event.type === 'step.failed' ? this.#steps.error : timeoutError(step);
    logFailure({ logger: this.#logger, hook: name }, step.plugin, error);
  }

  resolveCompleted({ steps }: InvocationContext): void {
    this.#resolveWith(true, steps.length);
  }

  resolveHalted({ index }: InvocationContext): void {
    const { plugin } = stepAt(this.#request, index);
    if (this.#request.violationsAsExceptions && plugin.rights.raisesViolations) {
      const { name } = this.#request.chain.hook;
      const { violation } = this.#steps.chain;
      this.#rejectWith(new PluginViolationError(name, plugin.name, violation), index + 1, plugin.name);
    } else {
      this.#resolveWith(false, index + 1, plugin.name);
    }
  }

  rejectDenied({ index }: InvocationContext): void {
    this.#rejectWith(this.#steps.error, index + 1, stepAt(this.#request, index).plugin.name);
  }

  rejectFailed({ index }: InvocationContext): void {
    this.#rejectWith(this.#steps.error, index + 1, stepAt(this.#request, index).plugin.name);
  }

  rejectTimedOut({ index }: InvocationContext): void {
    const step = stepAt(this.#request, index);
    this.#rejectWith(timeoutError(step), index + 1, step.plugin.name);
  }

  rejectCancelled({ index }: InvocationContext): void {
    this.#rejectWith(this.#cancelled, index + 1);
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    const { name } = this.#request.chain.hook;
    const message = `The invocation of ${name} broke off: ${messageOf(error)}`;
    this.#rejectWith(new GatechartError('PLUGIN_FAILED', message, { cause: causeOf(error) }), 0);
  }

  #resolveWith(continueProcessing: boolean, executed: number, stoppedBy?: string): void {
    const { chain } = this.#steps;
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
    try {
      unlistenForAbort(this.#request.signal, this.#cancel);
    } catch {
      // Whatever kind of signal it is, the invocation has ended.
    }
    this.#spans?.end(status, executed, stoppedBy);
    this.#request.chain.generation.leave();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
