import type { ClientCapabilities, Implementation, ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { TraceParent } from '../../observability/spans.js';
import type { CancelSignal } from '../../time/cancellation.js';
import type { Link, ServerNotification, ServerQuestion, Transport } from '../transport.js';

/** A request on an MCP link, whatever carries it: `{ method: 'tools/call', params: { name, arguments } }`. */
export interface McpRequest {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** The span that it is sent in, for transports that have headers. */
  readonly traceParent?: TraceParent;
}

/** The `result` member of the JSON-RPC answer, as it came. */
export type McpResponse = Readonly<Record<string, unknown>>;

/** What the server says unasked: `{ method: 'notifications/tools/list_changed' }`. */
export type McpNotification = ServerNotification;

/** Who a server says it is, as the handshake told it. Display and logs only: nothing of it is proven. */
export interface McpPeer {
  readonly protocolVersion: string;
  readonly capabilities: ServerCapabilities;
  readonly info: Implementation | undefined;
  readonly instructions: string | undefined;
}

/**
 * Answers a server's question, or throws an RpcRefusal. `owner` is that of every request with a listener that the link has
 * carried; undefined where there was none, or there were several.
 */
export type QuestionAnswerer = (
  question: ServerQuestion,
  signal: CancelSignal,
  owner: object | undefined,
) => Promise<McpResponse>;

/** Who we say that we are, and what we can do, in the handshake of a link. */
export interface McpClientIdentity {
  /** Default: gatechart, with its version. */
  readonly clientInfo?: Implementation;
  /** What a server may ask of us. Default: nothing. */
  readonly clientCapabilities?: ClientCapabilities;
}

/** A link to an MCP server, past the handshake. */
export interface McpLink extends Link<McpRequest, McpResponse> {
  /** The revision of the protocol: with a handshake and a session, or without. */
  readonly era: 'legacy';
  readonly peer: McpPeer;
  /**
   * Hears from now on every notification that belongs to no request, or cannot be told to which; that a list or a resource has
   * changed always. Returns what stops it.
   */
  onNotification(listener: (notification: McpNotification) => void): () => void;
  /** Answers what the server asks outside of every request, or when it cannot be told to which its question belongs. Default: refused. */
  answerWith(answerer: QuestionAnswerer): void;
  /** Tells the server something, `notifications/roots/list_changed` for instance; what cannot be sent is logged. */
  notify(notification: McpNotification): void;
}

/** Opens links to one MCP server. */
export interface McpTransport extends Transport<McpRequest, McpResponse> {
  open(signal: AbortSignal): Promise<McpLink>;
}
