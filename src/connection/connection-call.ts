import type { CallContext, CallEvent } from '../../machines/index.js';
import type { Effects, TableActor } from '../actors/table-actor.js';
import { type ErrorCode, GatechartError, isGatechartError, messageOf } from '../errors.js';
import { Cancellation } from '../time/cancellation.js';
import { Deadline, type Deadlines } from '../time/deadlines.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import { type Link, LinkError } from '../transports/transport.js';
import { callRefusal } from './call-refusal.js';
import type { CallOptions } from './connection-api.js';

export type CallEffect =
  | 'askForLink'
  | 'stopAsking'
  | 'send'
  | 'abandon'
  | 'resolveAnswered'
  | 'rejectRefused'
  | 'rejectTimedOut'
  | 'rejectCancelled'
  | 'rejectUnknown';

export type CallActor = TableActor<CallEffect, CallContext, CallEvent>;

/** What a call needs of the connection it goes over. */
export interface CallHost<Request, Response> {
  readonly name: string;
  readonly deadlines: Deadlines;
  /** Puts a call in line for a link; it is told with `linkReady` or `refuse`. */
  ask(call: LinkSeeker): void;
  /** Takes it out of the line. */
  unask(call: LinkSeeker): void;
  link(): Link<Request, Response> | undefined;
  /** The call has come to its end. */
  onSettled(slot: number): void;
  /** A request went out, or has come to its end. */
  onTraffic(): void;
  /** The other side answered. */
  onHeard(link: Link<Request, Response>): void;
  /** A request was given up because its time was over. */
  onUnanswered(link: Link<Request, Response>): void;
  /** A request showed that the link is of no use any more. */
  onLinkLost(link: Link<Request, Response>, error: Error): void;
  /** One line on where the connection is, for messages. */
  describe(): string;
}

/** Somebody who wants a link. */
export interface LinkSeeker {
  readonly id: string;
  linkReady(): void;
  refuse(error: Error): void;
}

/** One message that is with a link. A newer flight, or none, means that its answer is not heard. */
interface Flight<Request, Response> {
  readonly link: Link<Request, Response>;
  readonly cancellation: Cancellation;
}

/** The effects of `machines/call.machine.ts` for one request: sends it, listens, and settles the caller's promise. */
export class ConnectionCall<Request, Response> implements Effects<CallEffect, CallContext, CallEvent>, LinkSeeker {
  /** Where its connection keeps it. */
  slot = -1;
  #actor!: CallActor;
  #flight: Flight<Request, Response> | undefined;
  #answer: { readonly value: Response } | undefined;
  /** The link of the last flight, landed or not. */
  #sentOn: Link<Request, Response> | undefined;
  readonly #deadline = new Deadline(() => this.#actor.send({ type: 'deadline.passed' }));

  constructor(
    private readonly host: CallHost<Request, Response>,
    private readonly message: Request,
    private readonly options: CallOptions,
    private readonly resolve: (response: Response) => void,
    private readonly reject: (error: GatechartError) => void,
  ) {}

  get id(): string {
    return this.#actor.id;
  }

  start(actor: CallActor): void {
    this.#actor = actor;
    this.host.deadlines.arm(this.#deadline, this.options.timeoutMs);
    listenForAbort(this.options.signal, this.#cancel);
    actor.start();
  }

  linkReady(): void {
    this.#actor.send({ type: 'link.ready' });
  }

  refuse(error: Error): void {
    this.#actor.send({ type: 'connection.refused', error });
  }

  /** The link it is on is gone. */
  cutOff(link: Link<Request, Response>): void {
    if (this.#flight?.link === link) this.#landed(this.#flight, new LinkError('cutOff', 'the link was closed'));
  }

  askForLink(): void {
    this.host.ask(this);
  }

  stopAsking(): void {
    this.host.unask(this);
  }

  send(): void {
    const link = this.host.link();
    if (link === undefined) {
      this.#actor.send({ type: 'link.notSent', error: new LinkError('notSent', 'there is no link') });
      return;
    }
    const flight = { link, cancellation: new Cancellation() };
    this.#flight = flight;
    this.#sentOn = link;
    this.host.onTraffic();
    let answer: Promise<Response>;
    try {
      answer = link.request(this.message, { signal: flight.cancellation });
    } catch (error) {
      // A transport should reject instead; it is heard all the same.
      answer = Promise.reject(error);
    }
    answer.then(
      (answer) => this.#answered(flight, answer),
      // A turn later: if its link ended with it, the connection must hear of that first.
      (error: unknown) => queueMicrotask(() => this.#landed(flight, error)),
    );
  }

  abandon({ error }: CallContext): void {
    const flight = this.#flight;
    this.#flight = undefined;
    // A call that was cut off before remembers that error when its deadline passes.
    flight?.cancellation.abort(error === undefined || error instanceof LinkError ? this.#timeout() : error);
  }

  resolveAnswered(): void {
    this.#end();
    if (this.#answer !== undefined) this.resolve(this.#answer.value);
  }

  rejectRefused({ error }: CallContext): void {
    this.#end();
    this.reject(callRefusal(this.host.name, error));
  }

  rejectTimedOut(): void {
    this.#end();
    this.#ranOutOfTime();
    this.reject(this.#timeout());
  }

  rejectCancelled({ error }: CallContext): void {
    this.#end();
    if (error !== undefined && isTimeout(error)) this.#ranOutOfTime();
    this.reject(new GatechartError('CALL_CANCELLED', `The call to ${this.host.name} was cancelled.`, { cause: error }));
  }

  rejectUnknown({ error }: CallContext): void {
    this.#end();
    const why = error === undefined ? '' : `: ${error.message}`;
    this.reject(
      new GatechartError(
        'CALL_OUTCOME_UNKNOWN',
        `The call to ${this.host.name} was cut off and may or may not have been executed${why}`,
        { cause: error },
      ),
    );
  }

  /** The machine broke off, which must not leave the caller waiting. */
  crashed(error: unknown): void {
    this.#end();
    const message = `The call to ${this.host.name} broke off: ${messageOf(error)}`;
    this.reject(new GatechartError('CALL_OUTCOME_UNKNOWN', message, { cause: error }));
  }

  /** A call that was cut off, by another's end perhaps, and ran out of time before it was sent again, had no answer either. */
  #ranOutOfTime(): void {
    if (this.#sentOn !== undefined) this.host.onUnanswered(this.#sentOn);
  }

  readonly #cancel = (): void => {
    this.#actor.send({ type: 'cancel', reason: asError(this.options.signal?.reason) });
  };

  #answered(flight: Flight<Request, Response>, answer: Response): void {
    if (flight !== this.#flight) return;
    this.#flight = undefined;
    this.host.onHeard(flight.link);
    this.#answer = { value: answer };
    this.#actor.send({ type: 'link.answered' });
  }

  #landed(flight: Flight<Request, Response>, thrown: unknown): void {
    if (flight !== this.#flight) return;
    this.#flight = undefined;
    const error = thrown instanceof LinkError ? thrown : new LinkError('cutOff', messageOf(thrown), { cause: thrown });
    // The connection has to know first, so that the call asks for the next link and not for this one again.
    if (error.outcome === 'sessionLost' || error.outcome === 'notSent') this.host.onLinkLost(flight.link, error);
    else if (error.rpcCode === undefined) this.host.onTraffic();
    else this.host.onHeard(flight.link);
    this.#actor.send({ type: `link.${error.outcome}`, error });
  }

  #end(): void {
    if (this.slot >= 0) this.host.onSettled(this.slot);
    this.slot = -1;
    this.host.deadlines.disarm(this.#deadline);
    unlistenForAbort(this.options.signal, this.#cancel);
  }

  #timeout(): GatechartError {
    const { timeoutMs } = this.options;
    return new GatechartError(
      'CALL_TIMEOUT',
      `No answer from ${this.host.name} within ${timeoutMs} ms (${this.host.describe()}).`,
    );
  }
}

const timeouts: ReadonlySet<ErrorCode> = new Set(['CALL_TIMEOUT', 'PLUGIN_TIMEOUT']);

/** Whether a caller gave up because the time was over: its own limit may be sooner than the one that was told here. */
function isTimeout(reason: Error): boolean {
  if (isGatechartError(reason) && timeouts.has(reason.code)) return true;
  return [reason, reason.cause].some((error) => error instanceof Error && error.name === 'TimeoutError');
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(messageOf(reason));
}
