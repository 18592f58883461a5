import type {
  Implementation,
  JSONRPCRequest,
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
  /**
   * Tells the client something before its answer, its progress for instance. A client that is gone, or that does not read
   * what it is sent, is not told.
   *
   * @throws GatechartError MESSAGE_TOO_LARGE
   */
  notify(notification: Notification): void;
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
  /**
   * Answers from what is at hand.
   *
   * @throws RpcError what the client is told instead
   */
  answer(request: McpRequest): Result;
}
