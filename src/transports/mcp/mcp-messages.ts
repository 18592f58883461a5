import type { Link, Transport } from '../transport.js';

/** A request on an MCP link, whatever carries it: `{ method: 'tools/call', params: { name, arguments } }`. */
export interface McpRequest {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** The `result` member of the JSON-RPC answer, as it came. */
export type McpResponse = Readonly<Record<string, unknown>>;

/** What the server says unasked: `{ method: 'notifications/tools/list_changed' }`. */
export interface McpNotification {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A link to an MCP server, past the handshake. */
export interface McpLink extends Link<McpRequest, McpResponse> {
  /** Hears every notification of this link from now on; returns what stops it. */
  onNotification(listener: (notification: McpNotification) => void): () => void;
}

/** Opens links to one MCP server. */
export interface McpTransport extends Transport<McpRequest, McpResponse> {
  open(signal: AbortSignal): Promise<McpLink>;
}
