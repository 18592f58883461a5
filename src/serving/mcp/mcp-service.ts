import type {
  ClientCapabilities,
  Implementation,
  JSONRPCRequest,
  LoggingLevel,
  Notification,
  Result,
  ServerCapabilities,
} from '@modelcontextprotocol/sdk/types.js';
import type { CancelSignal } from '../../time/cancellation.js';

/** A request of a client, without what belongs to its transport. */
export type McpRequest = Pick<JSONRPCRequest, 'method' | 'params'>;

/**
 * One request that is being worked on, and the client who waits for its answer. Whatever else of the client matters to the
 * work belongs here, and not to a session: what a server says or asks while it works concerns this request alone.
 */
export interface McpCall {
  /** Aborts when nobody waits any more. */
  readonly signal: CancelSignal;
  /** Who asks. */
  readonly caller: McpCaller;
  /**
   * Asks the client something for this request (elicitation, sampling, roots): over HTTP on the stream of its answer.
   *
   * Withdrawn when `signal` aborts, when nobody waits for this request any more, and when it has been answered; the client
   * is told, and what aborted is what this rejects with.
   *
   * @returns the `result` of the client's answer, as it came
   * @throws RpcError what the client answered instead, or that it is gone, does not read, has not declared the capability,
   * or has too many questions open
   */
  ask(question: McpRequest, signal?: CancelSignal): Promise<Result>;
  /**
   * Tells the client something before its answer, its progress for instance. A client that is gone, or that does not read
   * what it is sent, is not told.
   *
   * @throws GatechartError MESSAGE_TOO_LARGE
   */
  notify(notification: Notification): void;
  /**
   * Does something in the turn in which the answer has been handed over, or nobody waits for it any more: at once where that
   * has been. It must not throw. Absent where nobody knows when that is.
   *
   * @internal
   */
  whenAnswered?(act: () => void): void;
}

/** Who a client is, as far as it was proven. */
export interface McpIdentity {
  /** The name of the user, from a token or a plugin. */
  readonly user: string | undefined;
  /** Tells the credentials of one client from those of another, without giving them away. */
  readonly credentials: string;
  /** What a token says, where there is one. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
}

/** Whoever asks for one request. Everything is a parameter of the request: a session only fills it in. */
export interface McpCaller {
  /** The client, where the protocol has connections that last. */
  readonly client: McpClient;
  /** Unproven: display and logs only. */
  readonly info: Implementation | undefined;
  readonly capabilities: ClientCapabilities;
  /** The least severe log messages it wants to hear of; undefined: it has not said. */
  readonly logLevel: LoggingLevel | undefined;
  /** Undefined where nobody had to prove who they are. */
  readonly identity: McpIdentity | undefined;
  /**
   * Headers of the HTTP request, names in lower case; without those that prove something: Authorization, Cookie,
   * Proxy-Authorization, Mcp-Session-Id. Empty elsewhere.
   */
  readonly headers: Readonly<Record<string, string>>;
}

/** A client for as long as it is connected: a session over HTTP, the other end of standard input. */
export interface McpClient {
  /** Unique in this process. */
  readonly id: string;
  /** Tells it something unasked; false if nobody hears it: it is gone, has no stream open, or does not read. */
  notify(notification: Notification): boolean;
  /** Asks it something outside of every request; as {@link McpCall.ask}. */
  ask(question: McpRequest, signal?: CancelSignal): Promise<Result>;
  /** As in {@link McpCaller}, now. */
  readonly capabilities: ClientCapabilities;
  readonly logLevel: LoggingLevel | undefined;
  readonly identity: McpIdentity | undefined;
}

/** Gives the result of a request; what it rejects with is the client's error, see {@link RpcError}. */
export type McpWork = (call: McpCall) => Promise<Result>;

/**
 * What is served over MCP. One service serves every client of a server, whatever carries the messages: sessions, limits,
 * `initialize`, `ping`, cancellation and draining are not its concern.
 */
export interface McpService {
  readonly info: Implementation;
  readonly instructions?: string;
  readonly capabilities: ServerCapabilities;
  /**
   * The work that a request takes; undefined for one that {@link answer} answers. Work counts against the limits of calls,
   * is told when nobody waits any more, and is waited for when the server drains.
   *
   * @throws RpcError for a request that is refused before it counts
   */
  workOf(request: McpRequest): McpWork | undefined;
  /** Told of clients. None of these may throw. */
  readonly clients?: {
    /** It has shaken hands: told before anything else of it is, and before anything is run for it. */
    opened(client: McpClient): void;
    /** It is gone, whoever ended it. Told once, after its calls were; not of clients that were never `opened`. */
    closed(client: McpClient): void;
    /** What a client says unasked, `notifications/roots/list_changed` for instance; cancellation and `initialized` are not told. */
    said?(client: McpClient, notification: Notification): void;
    /** It has set the level of log messages, which `logging/setLevel` does where the capabilities have `logging`. */
    levelSet?(client: McpClient): void;
  };
  /**
   * Answers from what is at hand.
   *
   * @throws RpcError what the client is told instead
   */
  answer(request: McpRequest): Result;
}
