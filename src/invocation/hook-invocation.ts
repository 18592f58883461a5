import type { InvocationContext, InvocationEvent, InvocationInput } from '../../machines/index.js';
import type { Effects } from '../actors/machine-program.js';
import { GatechartError, messageOf } from '../errors.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import { PluginError, PluginViolationError } from '../plugins/plugin-error.js';
import { causeOf } from '../plugins/thrown.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import type { BackgroundReports } from './background-reports.js';
import { BackgroundWork } from './background-work.js';
import { chainOutcome, outcomeFields } from './chain-outcome.js';
import { ConcurrentPhase } from './concurrent-phase.js';
import { ExecutionLog } from './execution-log.js';
import {
  cancelledBefore,
  cancelledError,
  closedError,
  deafSignalError,
  decidedError,
  retiredError,
} from './invocation-errors.js';
import type { InvocationOwner } from './invocation-owner.js';
import { type InvocationRequest, stepAt } from './invocation-request.js';
import { endOf, endWith } from './invocation-end.js';
import { asError, reportFailure } from './plugin-failure.js';
import type { InvocationEffect } from './programs/invocation-program.js';
import { type InvocationActor, StepRunner } from './step-runner.js';

/** The effects of `machines/invocation.machine.ts` for one invocation: runs the plugins and settles the caller's promise. */
export class HookInvocation
  extends StepRunner
  implements Effects<InvocationEffect, InvocationContext, InvocationEvent>
{
  readonly #owner: InvocationOwner;
  readonly #resolve: (outcome: HookOutcome) => void;
  readonly #reject: (error: unknown) => void;
  #concurrent: ConcurrentPhase | undefined = undefined;
  #background: BackgroundReports | undefined = undefined;
  /** Plugins that are called no more, also in the background. */
  #withdrawn: readonly ReadonlySet<string>[] | undefined = undefined;
  /** Why the invocation was cancelled; an inspector may do so before there is an actor that could be told. */
  #cancelled: unknown = undefined;

  constructor(
    request: InvocationRequest,
    owner: InvocationOwner,
    resolve: (outcome: HookOutcome) => void,
    reject: (error: unknown) => void,
  ) {
    const executions = new ExecutionLog(request);
    super(request, executions, owner.spans?.of(request), owner.traceOf(request, executions));
    this.#owner = owner;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get input(): InvocationInput {
    const { chain, steps } = this.request;
    return steps === chain.steps ? chain.declared : { steps: steps.map(({ declared }) => declared) };
  }

  /**
   * Listens to the caller and starts the span.
   *
   * @returns false where either has cancelled it already; it has ended then
   * @throws GatechartError INVOCATION_CANCELLED; CONTEXT_INVALID for a signal that cannot be listened to
   */
  begin(): boolean {
    try {
      this.#listen();
    } catch (error) {
      this.request.trials?.giveBack();
      throw error;
    }
    this.#owner.entered(this.request);
    this.spans?.start();
    this.trace?.begin();
    if (this.#cancelled === undefined) return true;
    this.#rejectWith(this.#cancelled);
    return false;
  }

  /** Starts the actor that carries this invocation. */
  start(actor: InvocationActor): void {
    this.actor = actor;
    if (this.trace !== undefined) this.trace.actor = actor;
    actor.start();
    if (this.#cancelled !== undefined) this.handleEvent();
  }

  #listen(): void {
    const { signal } = this.request;
    if (signal === undefined) return;
    const { hook } = this.log;
    let given: { readonly reason: unknown } | undefined;
    try {
      if (signal.aborted) given = { reason: signal.reason };
      else listenForAbort(signal, this);
    } catch (error) {
      throw deafSignalError(hook, error);
    }
    if (given !== undefined) throw cancelledBefore(hook, given.reason);
  }

  /** The caller's signal was aborted: ends the invocation as cancelled, if it has not ended. */
  handleEvent(): void {
    if (this.actor?.hasEnded === true) return;
    this.#cancelled = cancelledError(this.log.hook, this.request.signal?.reason);
    this.actor?.send({ type: 'cancel', code: 'INVOCATION_CANCELLED' });
  }

  /** These plugins, by their ids, are called no more: ends the invocation if it has yet to call one before its answer. */
  withdraw(plugins: ReadonlySet<string>): void {
    const { steps, background } = this.request;
    const missed = steps.slice(this.executions.started).find(({ plugin }) => plugins.has(plugin.id));
    if (missed !== undefined) {
      this.#cancelled ??= retiredError(this.log.hook, missed.plugin.name);
      this.actor?.send({ type: 'cancel', code: 'PLUGIN_RETIRED' });
    } else if (background.some(({ plugin }) => plugins.has(plugin.id)))
      this.#withdrawn = [...(this.#withdrawn ?? []), plugins];
  }

  abortStep({ index }: InvocationContext, event: InvocationEvent): void {
    if (event.type === 'cancel') this.giveUp(() => asError(this.#cancelledBy(event)));
    else this.expire(index);
  }

  startBranches(): void {
    const invocation = this.actor as InvocationActor;
    const [spans, trace] = [this.spans, this.trace];
    this.#concurrent = new ConcurrentPhase(this.request, spans, trace, this, invocation, this.#owner);
    this.#concurrent.start();
  }

  startNextBranch(): void {
    this.#concurrent?.startNext();
  }

  abortBranches(_context: InvocationContext, event: InvocationEvent): void {
    const { hook } = this.log;
    this.#concurrent?.abort(() => (event.type === 'cancel' ? asError(this.#cancelledBy(event)) : decidedError(hook)));
  }

  mergeBranches({ index }: InvocationContext, event: InvocationEvent): void {
    this.#concurrent?.merge('stops' in event && event.stops ? index : undefined);
  }

  reportFailure({ index }: InvocationContext, event: InvocationEvent): void {
    const at = 'index' in event ? event.index : index;
    const run = { request: this.request, durationMs: this.executions.elapsedMs(at, this.#owner.clock.now()) };
    reportFailure(this.log, stepAt(this.request, at).plugin, this.executions.errorAt(at), this.request.trials, run);
  }

  startBackground(): void {
    const { background } = this.request;
    if (background.length === 0) return;
    const work = new BackgroundWork(this.request, this.chain, this.spans, this.trace, this.#owner);
    this.#background = work.reports;
    this.executions.startBackground();
    this.#owner.startBackground(work);
    for (const plugins of this.#withdrawn ?? []) work.withdraw(plugins);
  }

  resolveCompleted(): void {
    this.#resolveWith(undefined);
  }

  resolveHalted({ index }: InvocationContext): void {
    const { name, rights } = stepAt(this.request, index).plugin;
    if (!this.request.violationsAsExceptions || !rights.raisesViolations) return this.#resolveWith(name, index);
    const { violation } = this.chain;
    this.#rejectWith(new PluginViolationError(this.log.hook, name, violation, { report: this.executions }), index);
  }

  rejectDenied({ index }: InvocationContext): void {
    this.#rejectFailure(index);
  }

  rejectFailed({ index }: InvocationContext): void {
    this.#rejectFailure(index);
  }

  rejectTimedOut({ index }: InvocationContext): void {
    this.#rejectFailure(index);
  }

  rejectCancelled(_context: InvocationContext, event: InvocationEvent): void {
    this.#rejectWith(this.#cancelledBy(event));
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    const message = `The invocation of ${this.log.hook} broke off: ${messageOf(error)}`;
    this.#concurrent?.abort(() => decidedError(this.log.hook));
    const told = error instanceof PluginError ? error : undefined;
    this.#rejectWith(told ?? new GatechartError('PLUGIN_FAILED', message, { cause: causeOf(error) }));
  }

  /** Why it was cancelled: by its caller, or else by its manager. */
  #cancelledBy(event: InvocationEvent): unknown {
    this.#cancelled ??= closedError(this.log.hook, 'code' in event ? event.code : undefined);
    return this.#cancelled;
  }

  /** @param blocker the plugin that blocks, whose position is `stoppedBy` */
  #resolveWith(blocker: string | undefined, stoppedBy?: number): void {
    const { chain } = this;
    const { context, contexts, steps } = this.request;
    contexts.haveRun(context.requestId, steps, this.executions.started);
    const at = this.#end(stoppedBy);
    this.trace?.finish(endOf(at, chain, blocker === undefined, stoppedBy));
    const fields = outcomeFields(chain, this.request);
    this.#resolve(chainOutcome(blocker, fields, contexts, this.executions, this.#background));
  }

  #rejectFailure(index: number): void {
    const error = this.executions.errorAt(index);
    this.request.trials?.failed(stepAt(this.request, index).plugin, asError(error));
    this.#rejectWith(error, index);
  }

  #rejectWith(error: unknown, stoppedBy?: number): void {
    const at = this.#end(stoppedBy, { error });
    this.trace?.finish(endWith(at, error, this.#cancelled, stoppedBy));
    this.#reject(error);
  }

  protected override now(): number {
    return this.#owner.clock.now();
  }

  /** @param stoppedBy position of the plugin that ended the chain @param raised what the caller gets in place of an outcome @returns when that was */
  #end(stoppedBy: number | undefined, raised?: { readonly error: unknown }): number {
    const at = this.#owner.clock.now();
    this.executions.decide(at, stoppedBy, raised && messageOf(raised.error));
    const { signal, trials, steps } = this.request;
    try {
      unlistenForAbort(signal, this);
    } catch {
      // Whatever kind of signal it is, the invocation has ended.
    }
    if (this.#background === undefined) trials?.giveBack();
    else for (const { plugin } of steps) trials?.unused(plugin);
    this.#owner.left(this.request);
    const stopper = stoppedBy === undefined ? undefined : stepAt(this.request, stoppedBy).plugin.name;
    this.spans?.end(this.executions.executed, stopper, raised && (raised.error ?? 'nothing was thrown'));
    return at;
  }
}
