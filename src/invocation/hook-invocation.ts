import type { InvocationContext, InvocationEvent, InvocationInput } from '../../machines/index.js';
import type { Effects, TableActor } from '../actors/table-actor.js';
import type { GlobalContext } from '../context/global-context.js';
import type { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { Logger } from '../observability/logger.js';
import type { Span } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import { PluginError, PluginViolationError } from '../plugins/plugin-error.js';
import { type ChainState, finalMetadata, mergeResult } from './chain-state.js';
import type { ChainStep, HookChain } from './hook-chain.js';
import type { HookSpans } from './hook-spans.js';
import { checkedResult } from './result-check.js';
import { StepContext } from './step-context.js';

export type InvocationEffect =
  | 'runStep'
  | 'abortStep'
  | 'reportFailure'
  | 'resolveCompleted'
  | 'resolveHalted'
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
  }

  get input(): InvocationInput<ChainState> {
    return {
      steps: this.#request.steps,
      chain: {
        payload: this.#request.payload,
        modified: undefined,
        decidedBy: undefined,
        violation: undefined,
        metadata: undefined,
        httpHeaders: undefined,
        retryDelayMs: 0,
      },
    };
  }

  /** Starts the actor that carries this invocation. */
  start(actor: InvocationActor): void {
    this.#actor = actor;
    listenForAbort(this.#request.signal, this.#cancel);
    this.#hookSpan = this.#spans?.startHook(this.#request);
    actor.start();
  }

  /** Ends the invocation as cancelled, if it has not ended. */
  readonly #cancel = (): void => {
    this.#actor.send({ type: 'cancel', reason: this.#request.signal?.reason });
  };

  runStep({ index, chain }: InvocationContext): void {
    const state = chain as ChainState;
    const step = this.#stepAt(index);
    const stepContext = new StepContext(this.#request.context, this.#request.contexts, step.plugin, step.timeoutMs);
    this.#current = stepContext;
    this.#stepSpan = this.#spans?.startPlugin(step, this.#hookSpan);
    try {
      const returned = step.handler(state.payload, stepContext);
      if (isThenable(returned)) {
        returned.then(
          (result) => this.#stepCompleted(stepContext, index, state, result),
          (error: unknown) => this.#stepFailed(stepContext, index, error),
        );
      } else {
        this.#stepCompleted(stepContext, index, state, returned);
      }
    } catch (error) {
      this.#stepFailed(stepContext, index, error);
    }
  }

  abortStep({ index, error }: InvocationContext, event: InvocationEvent): void {
    const step = this.#current;
    this.#dropStep();
    step?.abort(event.type === 'cancel' ? this.#cancelled(error) : this.#timeout(index));
  }

  reportFailure({ index }: InvocationContext, event: InvocationEvent): void {
    const { plugin } = this.#stepAt(index);
    const err = event.type === 'step.failed' ? event.error : this.#timeout(index);
    this.#logger.error(
      { plugin: plugin.name, hook: this.#request.chain.hook.name, err },
      `plugin ${plugin.name} failed; its mode ${plugin.config.mode} lets the chain go on`,
    );
  }

  resolveCompleted({ steps, chain }: InvocationContext): void {
    this.#resolveWith(chain as ChainState, true, steps.length);
  }

  resolveHalted({ index, chain }: InvocationContext): void {
    const state = chain as ChainState;
    const { plugin } = this.#stepAt(index);
    if (this.#request.violationsAsExceptions && plugin.capabilities.raisesViolations) {
      const { name } = this.#request.chain.hook;
      this.#rejectWith(new PluginViolationError(name, plugin.name, state.violation), index + 1, plugin.name);
    } else {
      this.#resolveWith(state, false, index + 1, plugin.name);
    }
  }

  rejectFailed({ index, error }: InvocationContext): void {
    this.#rejectWith(this.#pluginError(index, error), index + 1, this.#stepAt(index).plugin.name);
  }

  rejectTimedOut({ index }: InvocationContext): void {
    this.#rejectWith(this.#timeout(index), index + 1, this.#stepAt(index).plugin.name);
  }

  rejectCancelled({ index, error }: InvocationContext): void {
    this.#rejectWith(this.#cancelled(error), index + 1);
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    this.#rejectWith(error, 0);
  }

  #stepCompleted(step: StepContext, index: number, before: ChainState, returned: unknown): void {
    if (step !== this.#current) return this.#heardLate(index, before);
    const { plugin } = this.#stepAt(index);
    let chain = before;
    let result: PluginResult | undefined;
    try {
      result = checkedResult(returned, plugin.name);
      if (result !== undefined) chain = mergeResult(before, result, plugin, this.#request.chain.rules);
      step.finish(plugin.capabilities.mergesState);
    } catch (error) {
      return this.#stepFailed(step, index, error);
    }
    const stops = result?.continueProcessing === false;
    if (stops) this.#logBlock(index, result);
    this.#endStep('ok', result);
    this.#actor.send({ type: 'step.completed', index, chain, stops });
  }

  #stepFailed(step: StepContext, index: number, error: unknown): void {
    if (step !== this.#current) return this.#heardLate(index, undefined);
    this.#dropStep();
    this.#actor.send({ type: 'step.failed', index, error });
  }

  /** The machine drops late answers; it is told of them so that they can be seen. */
  #heardLate(index: number, chain: ChainState | undefined): void {
    if (this.#actor.getSnapshot().status === 'active') {
      this.#actor.send({ type: 'step.completed', index, chain, stops: false });
    }
  }

  /** Ends the step of a plugin that failed: only its own notes are kept. */
  #dropStep(): void {
    try {
      this.#current?.finish(false);
    } catch (err) {
      this.#logger.warn(
        { hook: this.#request.chain.hook.name, err },
        `the notes of a plugin are lost: ${messageOf(err)}`,
      );
    }
    this.#endStep('error');
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

  #resolveWith(chain: ChainState, continueProcessing: boolean, executed: number, stoppedBy?: string): void {
    this.#end('ok', executed, stoppedBy);
    this.#resolve({
      continueProcessing,
      modifiedPayload: chain.modified,
      violation: chain.violation,
      metadata: finalMetadata(chain, this.#request.chain.hook),
      httpHeaders: chain.httpHeaders,
      retryDelayMs: chain.retryDelayMs,
      contexts: this.#request.contexts,
    });
  }

  #rejectWith(error: unknown, executed: number, stoppedBy?: string): void {
    this.#end('error', executed, stoppedBy);
    this.#reject(error);
  }

  #end(status: 'ok' | 'error', executed: number, stoppedBy?: string): void {
    unlistenForAbort(this.#request.signal, this.#cancel);
    if (this.#hookSpan === undefined) return;
    this.#spans?.end(this.#hookSpan, status, {
      'hook.executed': executed,
      'hook.skipped': this.#request.chain.steps.length - executed,
      'hook.stopped_by': stoppedBy,
    });
    this.#hookSpan = undefined;
  }

  #stepAt(index: number): ChainStep {
    const step = this.#request.steps[index];
    if (step === undefined) throw new Error(`the chain has no step ${index}`);
    return step;
  }

  #logBlock(index: number, result: PluginResult | undefined): void {
    const { plugin } = this.#stepAt(index);
    const { code, reason } = result?.violation ?? {};
    const may = plugin.capabilities.mayBlock;
    this.#logger.warn(
      { plugin: plugin.name, hook: this.#request.chain.hook.name, code, reason },
      may ? `plugin ${plugin.name} blocked the request` : `plugin ${plugin.name} would block; its mode may not`,
    );
  }

  /** Whatever it was, the caller learns whose it was; the code of a lost connection or a bad payload stays. */
  #pluginError(index: number, error: unknown): PluginError {
    if (error instanceof PluginError) return error;
    const pluginName = this.#stepAt(index).plugin.name;
    const code = isGatechartError(error) ? error.code : 'PLUGIN_FAILED';
    return new PluginError({ message: messageOf(error), pluginName }, { code, cause: error });
  }

  #timeout(index: number): PluginError {
    const { plugin, timeoutMs } = this.#stepAt(index);
    return new PluginError(
      { message: `Plugin ${plugin.name} exceeded ${timeoutMs / 1000}s timeout`, pluginName: plugin.name },
      { code: 'PLUGIN_TIMEOUT' },
    );
  }

  #cancelled(reason: unknown): GatechartError {
    if (isGatechartError(reason)) return reason;
    const { name } = this.#request.chain.hook;
    return new GatechartError('INVOCATION_CANCELLED', `The invocation of ${name} was cancelled.`, { cause: reason });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
