import type { CallContext, CallEvent } from '../../machines/index.js';
import type { ProgrammedActor } from '../actors/programmed-actor.js';
import type { Deadlines } from '../time/deadlines.js';
import type { Link } from '../transports/transport.js';
import type { PendingRequest } from './pending-requests.js';
import type { CallEffect } from './programs/call-program.js';

export type CallActor = ProgrammedActor<CallEffect, CallContext, CallEvent>;

/** What a call needs of the connection it goes over. */
export interface CallOwner<Request, Response> {
  readonly name: string;
  readonly deadlines: Deadlines;
  /** Asks for a link; the call is told with `linkReady` or `refuse`. */
  ask(call: PendingRequest): void;
  /** The call does not wait for a link any more. */
  stopAsking(call: PendingRequest): void;
  link(): Link<Request, Response> | undefined;
  /** The call has come to its end. */
  onSettled(index: number): void;
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
