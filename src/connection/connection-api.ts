import type { ReplayPolicy } from '../config/sections/reconnection.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { CallListener, StreamStatus } from '../transports/transport.js';

/** What a connection is told of a call. */
export interface CallOptions {
  /** Cancels the call; the other side is told. */
  readonly signal?: CancelSignal;
  /** Milliseconds from now until the call has timed out, waiting for a link included. */
  readonly timeoutMs: number;
  /** Milliseconds from now that it may wait for a link; then it is refused with CONNECTION_FAILED. Default: no other limit. */
  readonly connectTimeoutMs?: number;
  /** Whether a call that was cut off in flight is sent once more. Default `never`. */
  readonly replay?: ReplayPolicy;
  /** Hears what the server says and asks before its answer; a call that is sent once more goes on hearing. */
  readonly on?: CallListener;
}

/** Where a connection is and why. */
export interface ConnectionStatus {
  readonly name: string;
  readonly target: string;
  /** State of `machines/connection.machine.ts`, nested states with dots: `reconnecting.backingOff`. */
  readonly state: string;
  /** Attempts to open since the link was last stable. */
  readonly attempt: number;
  readonly lastError: Error | undefined;
  /** Milliseconds until the state's timer is due, where it has one. */
  readonly nextTimerInMs: number | undefined;
  readonly waiting: number;
  readonly inFlight: number;
  /** The stream on which the server says things unasked; only links over HTTP have one. Calls do not depend on it. */
  readonly stream?: StreamStatus;
}

/** One connection to one server. It opens on the first call, or on `connect`, and outlives the links it opens. */
export interface Connection<Request, Response> {
  readonly name: string;
  /**
   * Sends one request, waiting for a link if there is none, and settles exactly once.
   *
   * @throws GatechartError CALL_REFUSED (`cause`: the LinkError with the answer), LOGIN_NEEDED, MESSAGE_TOO_LARGE, CALL_TIMEOUT,
   * CALL_CANCELLED, CALL_OUTCOME_UNKNOWN, QUEUE_FULL, CONNECTION_FAILED, CONNECTION_CLOSED, SESSION_LOST
   */
  request(message: Request, options: CallOptions): Promise<Response>;
  /** Opens the link now; settles when it is ready. @throws GatechartError CONNECTION_FAILED, CONNECTION_CLOSED */
  connect(): Promise<void>;
  status(): ConnectionStatus;
  /** Refuses waiting calls, cuts off those in flight, ends the link; settles when it is gone. */
  close(): Promise<void>;
}

/** A connection as those have it who end it. */
export interface OwnConnection<Request, Response> extends Connection<Request, Response> {
  /** Whether it was closed for good, or is about to be. Where nothing else is asked, `status` takes many times as long. */
  readonly isClosed: boolean;
}
