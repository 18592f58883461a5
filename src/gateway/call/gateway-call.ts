import { randomUUID } from 'node:crypto';
import type { GatewayCallContext, GatewayCallEvent, GatewayCallInput } from '../../../machines/index.js';
import type { Effects } from '../../actors/machine-program.js';
import { GatechartError } from '../../errors.js';
import { Cancellation } from '../../time/cancellation.js';
import { Deadline } from '../../time/deadlines.js';
import { listenForAbort, unlistenForAbort } from '../../time/shared-signal.js';
import { failureOfServer, shownFailure, timeoutFailure } from './call-errors.js';
import { CallFailure } from './call-failure.js';
import { type CallRecord, clientName, decisionOf } from './call-record.js';
import { type Admission, blockedFailure, deniedFailure } from './call-refusals.js';
import type { GatewayCallActor, GatewayCallOwner, ServerResult } from './gateway-call-owner.js';
import { type GatewayCaller, type GatewayRequest, subjectOf } from './gateway-request.js';
import { recordedReason } from './recorded-reason.js';
import { type Blocked, guardRequest, type PassedAnswer, type PassedRequest, unguardedRequest } from './guarded-leg.js';
import type { GatewayCallEffect } from './programs/gateway-call-program.js';

/** Times a server is asked because plugins want it. */
const maxLegs = 10;

/** The effects of `machines/gateway-call.machine.ts` for one request. */
export class GatewayCall implements Effects<GatewayCallEffect, GatewayCallContext, GatewayCallEvent> {
  readonly requestId = randomUUID();
  readonly request: GatewayRequest;
  readonly caller: GatewayCaller;
  readonly agent: string | undefined;
  /** What it runs as. */
  actor!: GatewayCallActor;
  readonly #owner: GatewayCallOwner;
  readonly #resolve: (result: ServerResult) => void;
  readonly #reject: (failure: CallFailure) => void;
  readonly #signal = new Cancellation();
  readonly #deadline = new Deadline(() => this.actor.send({ type: 'deadline.passed' }));
  readonly #startedAt: number;
  readonly #timeoutMs: number;
  #admission: Admission | undefined;
  #blocked: Blocked | undefined;
  #passed: PassedRequest | undefined;
  /** What the server answered last: a result, or an error that the hooks are shown as one. */
  #answer: { readonly result: ServerResult; readonly failure: CallFailure | undefined } | undefined;
  #result: ServerResult | undefined;
  #failure: CallFailure | undefined;

  constructor(
    owner: GatewayCallOwner,
    caller: GatewayCaller,
    request: GatewayRequest,
    resolve: (result: ServerResult) => void,
    reject: (failure: CallFailure) => void,
  ) {
    this.#owner = owner;
    this.request = request;
    this.caller = caller;
    this.agent = caller.agent;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startedAt = owner.now();
    this.#timeoutMs = request.timeoutMs ?? owner.timeoutOf(request.server);
  }

  get input(): GatewayCallInput {
    const { server, method } = this.request;
    return { server, method, subject: subjectOf(this.request), maxLegs };
  }

  start(actor: GatewayCallActor): void {
    this.actor = actor;
    this.#owner.observer?.()?.began(this);
    this.#owner.deadlines.arm(this.#deadline, this.#timeoutMs, this.#startedAt);
    listenForAbort(this.caller.call.signal, this.cancel);
    actor.start();
  }

  /** Nobody waits any more, or the gateway closes. */
  readonly cancel = (): void => this.actor.send({ type: 'cancel' });

  decide(): void {
    // What nobody waits for, or has no time, reaches neither hooks nor server.
    if (this.caller.call.signal.aborted) return this.cancel();
    if (this.#timeoutMs <= 0) return this.actor.send({ type: 'deadline.passed' });
    const admission = this.#owner.admit(this.caller, this.request, this.#signal);
    if (admission instanceof Promise) this.#when(admission, (known) => this.#admitted(known));
    else this.#admitted(admission);
  }

  guardRequest(): void {
    const { manager } = this.#owner;
    if (manager === undefined) {
      this.#passed = unguardedRequest(this.request.params);
      return this.actor.send({ type: 'hooks.pass' });
    }
    const leg = {
      manager,
      context: this.#owner.contextOf(this.caller, this.request, this.requestId),
      extensions: this.#owner.extensionsOf(this.caller, this.request, this.requestId),
      signal: this.#signal,
    };
    this.#when(guardRequest[this.request.method](leg, this.request.params), (looked) => this.#looked(looked));
  }

  askServer(): void {
    const { params = this.request.params, headers = {} } = this.#passed ?? {};
    const timeoutMs = this.#leftMs();
    const request = params === this.request.params ? this.request : { ...this.request, params };
    const signal = this.#signal;
    this.#owner.observer?.()?.asked(this);
    try {
      this.#owner.ask(this.caller, request, { headers, timeoutMs, signal }).then(
        (result) => this.#answered(result, undefined),
        (error: unknown) => this.#refused(error),
      );
    } catch (error) {
      this.#refused(error);
    }
  }

  guardAnswer(): void {
    const { result = {} } = this.#answer ?? {};
    const guarded = this.#passed?.guardAnswer(result);
    if (guarded === undefined) return this.actor.send({ type: 'hooks.pass' });
    this.#when(guarded, (looked) => this.#lookedAtAnswer(looked));
  }

  /** The connection to the server is to know of a time that is over: its server may have gone. */
  abandon(_context?: GatewayCallContext, event?: GatewayCallEvent): void {
    const isLate = event?.type === 'deadline.passed';
    const text = 'nobody waits for the call any more';
    this.#signal.abort(isLate ? new GatechartError('CALL_TIMEOUT', text) : new Error(text));
  }

  resolveAnswered(): void {
    const failure = this.#result === undefined ? this.#answer?.failure : undefined;
    if (failure !== undefined) return this.#end(failure);
    const result = this.#owner.limit(this.request, this.#result ?? this.#answer?.result ?? {});
    this.#end(undefined, result);
  }

  rejectDenied(): void {
    this.#end(deniedFailure(this.#admission));
  }

  rejectBlocked(): void {
    this.#end(blockedFailure(this.#blocked));
  }

  rejectFailed(): void {
    this.#end(this.#failure ?? new CallFailure('INTERNAL_ERROR', 'The call failed.'));
  }

  rejectTimedOut(): void {
    this.#end(timeoutFailure(this.request, this.#timeoutMs));
  }

  rejectCancelled(): void {
    this.#end(new CallFailure('CANCELLED', 'The call was cancelled.'));
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    this.abandon();
    this.#end(new CallFailure('INTERNAL_ERROR', 'The call broke off in the gateway.', { cause: error }));
  }

  #admitted(admission: Admission): void {
    this.#admission = admission;
    this.actor.send({ type: admission.allowed ? 'rules.allow' : 'rules.deny' });
  }

  #looked(looked: Blocked | PassedRequest): void {
    if (looked.kind === 'blocked') return this.#block(looked);
    this.#passed = looked;
    const request = { ...this.request, params: looked.params };
    if (subjectOf(request) === subjectOf(this.request)) return this.actor.send({ type: 'hooks.pass' });
    const admission = this.#owner.admit(this.caller, request, this.#signal);
    this.#when(Promise.resolve(admission), (known) => {
      this.#admission = known;
      this.actor.send({ type: known.allowed ? 'hooks.pass' : 'rules.deny' });
    });
  }

  #refused(error: unknown): void {
    this.#owner.observer?.()?.answered(this);
    const failure = failureOfServer(error, this.request);
    // The server's time is what is left of ours, so that either may be over first.
    if (failure.code === 'TIMEOUT') return this.actor.send({ type: 'deadline.passed' });
    const shown = shownFailure(failure, this.request);
    if (shown === undefined || this.#signal.aborted) this.#failed(failure);
    else this.#answered(shown, failure);
  }

  #answered(result: ServerResult, failure: CallFailure | undefined): void {
    if (failure === undefined) this.#owner.observer?.()?.answered(this);
    this.#answer = { result, failure };
    this.actor.send({ type: 'server.answered' });
  }

  #lookedAtAnswer(looked: Blocked | PassedAnswer): void {
    if (looked.kind === 'blocked') return this.#block(looked);
    this.#result = looked.isChanged || this.#answer?.failure === undefined ? looked.result : undefined;
    const { retryDelayMs: delayMs } = looked;
    this.actor.send(delayMs > 0 ? { type: 'hooks.retry', delayMs, leftMs: this.#leftMs() } : { type: 'hooks.pass' });
  }

  #block(blocked: Blocked): void {
    this.#blocked = blocked;
    this.actor.send({ type: 'hooks.block' });
  }

  #failed(failure: CallFailure): void {
    this.#failure = failure;
    this.actor.send({ type: 'failed' });
  }

  #when<Known>(promise: Promise<Known>, then: (known: Known) => void): void {
    promise.then(then).catch((error: unknown) => this.#failed(failureOfServer(error, this.request)));
  }

  /** In whole milliseconds: each duration has a timer of its own, so that there must not be as many as calls. */
  #leftMs(): number {
    return Math.max(Math.ceil(this.#startedAt + this.#timeoutMs - this.#owner.now()), 1);
  }

  #end(failure: CallFailure | undefined, result?: ServerResult): void {
    const { deadlines } = this.#owner;
    deadlines.disarm(this.#deadline);
    unlistenForAbort(this.caller.call.signal, this.cancel);
    const reason = this.#admission?.reason;
    const record: CallRecord = {
      requestId: this.requestId,
      agent: this.agent,
      client: clientName(this.caller.call.caller),
      operation: this.request.method,
      server: this.request.server,
      subject: subjectOf(this.request),
      decision: decisionOf(failure),
      // What a plugin or a server said no to was allowed by a rule, which is not why.
      rule: failure === undefined ? this.#admission?.rule : failure.details.rule,
      reason: failure === undefined ? reason : recordedReason(failure),
      error: failure?.code ?? (result?.['isError'] === true ? 'tool_error' : undefined),
      latencyMs: this.#owner.now() - this.#startedAt,
      request: this.request,
      result,
    };
    this.#owner.observer?.()?.ended(this, record, failure);
    this.#owner.settled(this, record);
    if (failure === undefined) this.#resolve(result ?? {});
    else this.#reject(failure);
  }
}
