import type { Implementation, ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { CancelSignal } from '../../time/cancellation.js';
import type { Link, ServerNotification, ServerQuestion, Transport } from '../transport.js';

/** A request on an MCP link, whatever carries it: `{ method: 'tools/call', params: { name, arguments } }`. */
export interface McpRequest {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
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

/** A link to an MCP server, past the handshake. */
export interface McpLink extends Link<McpRequest, McpResponse> {
  /** The revision of the protocol: with a handshake and a session, or without. */
  readonly era: 'legacy';
  readonly peer: McpPeer;
  /** Hears every notification of this link that belongs to no request, from now on; returns what stops it. */
  onNotification(listener: (notification: McpNotification) => void): () => void;
  /** Answers what the server asks outside of every request, or when it cannot be told to which its question belongs. Default: refused. */
  answerWith(answerer: (question: ServerQuestion, signal: CancelSignal) => Promise<McpResponse>): void;
  /** Tells the server something, `notifications/roots/list_changed` for instance; what cannot be sent is logged. */
  notify(notification: McpNotification): void;
}

/** Opens links to one MCP server. */
export interface McpTransport extends Transport<McpRequest, McpResponse> {
  open(signal: AbortSignal): Promise<McpLink>;
}
