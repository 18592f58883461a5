import type { CancelSignal } from '../time/cancellation.js';

/**
 * The contract between the world and the connection machine. A transport opens links and knows nothing of retries,
 * time-outs or plugins; the connection machine knows nothing of sockets and processes.
 */
export interface Transport<Request, Response> {
  /** One line that tells people where this leads, without secrets: `stdio node server.js`, `http://127.0.0.1:8000/mcp`. */
  readonly target: string;
  /** Each link has a server of its own, which is started and ended with it. */
  readonly startsServer?: boolean;
  /**
   * Opens a link: process started or socket connected, handshake done.
   * Rejects, with everything it started ended, when that fails or when `signal` aborts.
   */
  open(signal: AbortSignal): Promise<Link<Request, Response>>;
}

/** One open line to a server: a process, a session, a socket. */
export interface Link<Request, Response> {
  /**
   * Sends one request and settles once with its answer. Rejects with a {@link LinkError} that says what became of it.
   * When `signal` aborts, the other side is told that nobody waits any more and the promise rejects at once.
   */
  request(message: Request, options: RequestOptions): Promise<Response>;
  /** Settles once, when the link can carry no more requests, whoever ended it. Never rejects. */
  readonly closed: Promise<LinkClosed>;
  /**
   * Settles when no new requests are taken on this link, because the other side says so or one of its connections was lost,
   * but those it has go on; the link ends by itself when they have ended. Never rejects. Links that have one connection, over
   * a protocol that cannot say so, do not have it.
   */
  readonly retiring?: Promise<void>;
  /**
   * Asks the other side for a sign of life, by itself or beside the requests in flight, so that none of them can hold it
   * up; settles when one came. Rejects when none can be had, or when `signal` aborts.
   */
  ping?(signal: AbortSignal): Promise<void>;
  /**
   * Hears from now on that something came from the other side, keep-alive of its streams included; returns what stops it.
   * Links on which nothing comes unasked do not have it.
   */
  onTraffic?(listener: () => void): () => void;
  /** Where the stream is on which the other side says things unasked. Links that have none beside their calls do not have it. */
  streamStatus?(): StreamStatus | undefined;
  /** Ends processes and sockets; settles when they are gone. Never rejects; may be called more than once. */
  close(): Promise<void>;
}

/** Where the stream is on which a server says things unasked, and why. Calls do not depend on it. */
export interface StreamStatus {
  /** State of `machines/event-stream.machine.ts`, nested states with dots: `streaming.opening`. */
  readonly state: string;
  /** Openings since something was last heard on it. */
  readonly attempt: number;
  readonly lastError: Error | undefined;
  /** Milliseconds until it is asked for again, while it waits for that. */
  readonly nextTimerInMs: number | undefined;
}

/** What a link is told of a request. */
export interface RequestOptions {
  /** Aborts on deadline and cancel; one per request. */
  readonly signal: CancelSignal;
  /** Hears what the server says and asks while it works on this request. Links on which nothing comes before answers never call it. */
  readonly on?: CallListener;
}

/** What a server says unasked: `{ method: 'notifications/progress', params: { … } }`. */
export interface ServerNotification {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What a server asks: `{ method: 'elicitation/create', params: { … } }`. */
export interface ServerQuestion {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Hears what a server says and asks while it works on one request. A message belongs to a request if it came on the stream
 * of its answer, or names its progress token. On a link with one channel, where a message may name nothing, a question
 * belongs to a request only if every request that it could belong to, those given up included, has the same `owner`.
 */
export interface CallListener {
  /** Whoever the call was made for. What concerns one owner is never told to another. */
  readonly owner: object;
  /** Progress comes with the token that the request's `_meta.progressToken` had. Must not throw. */
  notification(notification: ServerNotification): void;
  /**
   * Answers with the `result` member of a JSON-RPC answer. `signal` aborts when the server does not wait any more, or the
   * request has come to its end.
   *
   * @throws RpcRefusal what the server is told instead; anything else is told as an internal error
   */
  ask(question: ServerQuestion, signal: CancelSignal): Promise<Readonly<Record<string, unknown>>>;
}

/** A JSON-RPC error that we answer a server's question with. */
export class RpcRefusal extends Error {
  constructor(
    readonly rpcCode: number,
    message: string,
    readonly rpcData?: unknown,
  ) {
    super(message);
    this.name = 'RpcRefusal';
  }
}

/** Why a link ended. `error` is absent when we closed it ourselves. */
export interface LinkClosed {
  readonly error?: Error;
}

/**
 * What became of a request that was not answered with a result:
 *
 * - `refused`: the other side answered with an error, or with what is no answer, or the link is open but cannot take it (no
 *   connection of its pool is free, it is not JSON, it is too large, the server does not read). Never a reason to send it
 *   again. A `cause` with the code MESSAGE_TOO_LARGE or PROTOCOL_ERROR tells the former from an error of the server's.
 * - `notSent`: it never left, because the link is of no use any more. It can safely be sent on another link.
 * - `sessionLost`: the other side said it no longer knows our session, so it was not executed.
 * - `cutOff`: the link, or the one connection that carried it, ended under it; whether it was executed is unknown. The
 *   link has ended only if `closed` says so.
 */
export type RequestOutcome = 'refused' | 'notSent' | 'sessionLost' | 'cutOff';

/** The only error a link's `request` rejects with, besides the abort reason of its signal. */
export class LinkError extends Error {
  readonly outcome: RequestOutcome;
  /** JSON-RPC error code and data of the answer, where there was one. */
  readonly rpcCode: number | undefined;
  readonly rpcData: unknown;

  constructor(
    outcome: RequestOutcome,
    message: string,
    options: { cause?: unknown; rpcCode?: number; rpcData?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LinkError';
    this.outcome = outcome;
    this.rpcCode = options.rpcCode;
    this.rpcData = options.rpcData;
  }
}
