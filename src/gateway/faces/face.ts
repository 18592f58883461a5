import type { ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { McpClient, McpRequest, McpWork } from '../../serving/mcp/mcp-service.js';

/** How the gateway shows itself to agents. */
export interface Face {
  readonly capabilities: ServerCapabilities;
  readonly instructions: string | undefined;
  /** The work that a request takes; undefined for a method that this face does not have. @throws RpcError */
  workOf(request: McpRequest): McpWork | undefined;
  /** Something may be offered otherwise than before. */
  changed?(): void;
  clientGone?(client: McpClient): void;
  /** Tells nobody anything any more. */
  close?(): void;
}
