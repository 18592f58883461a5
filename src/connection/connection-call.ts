import type { CallContext, CallEvent } from '../../machines/index.js';
import type { Effects } from '../actors/machine-program.js';
import { type GatechartError, messageOf } from '../errors.js';
import { Cancellation, type CancelSignal } from '../time/cancellation.js';
import { Deadline, Expiring } from '../time/deadlines.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import { type CallListener, type Link, LinkError, type RequestOptions } from '../transports/transport.js';
import {
  callBrokeOff,
  callCancelled,
  callCutOff,
  callRefusal,
  callTimeout,
  isTimeout,
  noLinkInTime,
} from './call-errors.js';
import type { CallActor, CallOwner } from './call-owner.js';
import type { CallOptions } from './connection-api.js';
import type { PendingRequest } from './pending-requests.js';
import type { CallEffect } from './programs/call-program.js';

/**
 * One message that is with a link. A newer attempt, or none, means that its answer is not heard. It is what the link is told
 * of the request, and the signal in it.
 */
class Attempt<Request, Response> extends Cancellation implements RequestOptions {
  readonly link: Link<Request, Response>;
  readonly on?: CallListener;

  constructor(link: Link<Request, Response>, on: CallListener | undefined) {
    super();
    this.link = link;
    if (on !== undefined) this.on = on;
  }

  get signal(): CancelSignal {
    return this;
  }
}

/**
 * The effects of `machines/call.machine.ts` for one request: sends it, listens, and settles the caller's promise. It is its own
 * deadline, and listens to the caller's signal itself: objects and functions for that would be made for each call.
 */
export class ConnectionCall<Request, Response>
  extends Expiring
  implements Effects<CallEffect, CallContext, CallEvent>, PendingRequest
{
  /** Where its connection keeps it. */
  index = -1;
  #actor!: CallActor;
  #attempt: Attempt<Request, Response> | undefined;
  #answer: { readonly value: Response } | undefined;
  /** The link of the last attempt, over or not. */
  #sentOn: Link<Request, Response> | undefined;
  /** Until it is sent for the first time. */
  #linkDeadline: Deadline | undefined;

  // Out of reach for inspectors, which find deadlines.
  readonly #owner: CallOwner<Request, Response>;
  readonly #message: Request;
  readonly #options: CallOptions;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: GatechartError) => void;

  constructor(
    owner: CallOwner<Request, Response>,
    message: Request,
    options: CallOptions,
    resolve: (response: Response) => void,
    reject: (error: GatechartError) => void,
  ) {
    super();
    this.#owner = owner;
    this.#message = message;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get id(): string {
    return this.#actor.id;
  }

  start(actor: CallActor): void {
    this.#actor = actor;
    const { timeoutMs, connectTimeoutMs } = this.#options;
    this.#owner.deadlines.arm(this, timeoutMs);
    if (connectTimeoutMs !== undefined && connectTimeoutMs < timeoutMs) this.#limitWaiting(connectTimeoutMs);
    listenForAbort(this.#options.signal, this);
    actor.start();
  }

  /** The caller's signal was aborted. */
  handleEvent(): void {
    this.#actor.send({ type: 'cancel', reason: asError(this.#options.signal?.reason) });
  }

  /** Its time is over. */
  override expire(): void {
    this.#actor.send({ type: 'deadline.passed' });
  }

  linkReady(): void {
    this.#actor.send({ type: 'link.ready' });
  }

  refuse(error: Error): void {
    this.#actor.send({ type: 'connection.refused', error });
  }

  /** The link it is on is gone. */
  cutOff(link: Link<Request, Response>): void {
    if (this.#attempt?.link === link) this.#failed(this.#attempt, new LinkError('cutOff', 'the link was closed'));
  }

  askForLink(): void {
    this.#owner.ask(this);
  }

  stopAsking(): void {
    this.#owner.stopAsking(this);
  }

  send(): void {
    this.#endWaiting();
    const link = this.#owner.link();
    if (link === undefined) {
      this.#actor.send({ type: 'link.notSent', error: new LinkError('notSent', 'there is no link') });
      return;
    }
    const attempt = new Attempt(link, this.#options.on);
    this.#attempt = attempt;
    this.#sentOn = link;
    this.#owner.onTraffic();
    let answer: Promise<Response>;
    try {
      answer = link.request(this.#message, attempt);
    } catch (error) {
      // A transport should reject instead; it is heard all the same.
      answer = Promise.reject(error);
    }
    answer.then(
      (answer) => this.#answered(attempt, answer),
      // One microtask later: if its link ended with it, the connection must hear of that first.
      (error: unknown) => queueMicrotask(() => this.#failed(attempt, error)),
    );
  }

  abandon({ error }: CallContext): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    // A call that was cut off before remembers that error when its deadline passes.
    attempt?.abort(error === undefined || error instanceof LinkError ? this.#timeout() : error);
  }

  resolveAnswered(): void {
    this.#end();
    if (this.#answer !== undefined) this.#resolve(this.#answer.value);
  }

  rejectRefused({ error }: CallContext): void {
    this.#end();
    this.#reject(callRefusal(this.#owner.name, error));
  }

  rejectTimedOut(): void {
    this.#end();
    this.#ranOutOfTime();
    this.#reject(this.#timeout());
  }

  rejectCancelled({ error }: CallContext): void {
    this.#end();
    if (error !== undefined && isTimeout(error)) this.#ranOutOfTime();
    this.#reject(callCancelled(this.#owner.name, error));
  }

  rejectUnknown({ error }: CallContext): void {
    this.#end();
    this.#reject(callCutOff(this.#owner.name, error));
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    this.#end();
    this.#reject(callBrokeOff(this.#owner.name, error));
  }

  /** A call that was cut off, by another's end perhaps, and ran out of time before it was sent again, had no answer either. */
  #ranOutOfTime(): void {
    if (this.#sentOn !== undefined) this.#owner.onUnanswered(this.#sentOn);
  }

  #limitWaiting(ms: number): void {
    this.#linkDeadline = new Deadline(() => {
      this.#owner.stopAsking(this);
      this.refuse(noLinkInTime(this.#owner.name, ms, this.#owner.describe()));
    });
    this.#owner.deadlines.arm(this.#linkDeadline, ms);
  }

  #endWaiting(): void {
    if (this.#linkDeadline === undefined) return;
    this.#owner.deadlines.disarm(this.#linkDeadline);
    this.#linkDeadline = undefined;
  }

  #answered(attempt: Attempt<Request, Response>, answer: Response): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    this.#owner.onHeard(attempt.link);
    this.#answer = { value: answer };
    this.#actor.send({ type: 'link.answered' });
  }

  #failed(attempt: Attempt<Request, Response>, thrown: unknown): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    const error = thrown instanceof LinkError ? thrown : new LinkError('cutOff', messageOf(thrown), { cause: thrown });
    // The connection has to know first, so that the call asks for the next link and not for this one again.
    if (error.outcome === 'sessionLost' || error.outcome === 'notSent') this.#owner.onLinkLost(attempt.link, error);
    else if (error.rpcCode === undefined) this.#owner.onTraffic();
    else this.#owner.onHeard(attempt.link);
    this.#actor.send({ type: `link.${error.outcome}`, error });
  }

  #end(): void {
    if (this.index >= 0) this.#owner.onSettled(this.index);
    this.index = -1;
    this.#owner.deadlines.disarm(this);
    this.#endWaiting();
    unlistenForAbort(this.#options.signal, this);
  }

  #timeout(): GatechartError {
    return callTimeout(this.#owner.name, this.#options.timeoutMs, this.#owner.describe());
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(messageOf(reason));
}
