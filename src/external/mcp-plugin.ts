import type { ReplayPolicy } from '../config/sections/reconnection.js';
import type { Connection } from '../connection/connection-api.js';
import type { McpRequest, McpResponse } from '../transports/mcp/mcp-messages.js';
import { ExternalPlugin, type ExternalPluginEntry } from './external-plugin.js';
import { mcpCodec } from './mcp-codec.js';

export type McpPlugin = ExternalPlugin<McpRequest, McpResponse>;

export interface McpPluginDependencies extends ExternalPluginEntry {
  readonly connection: Connection<McpRequest, McpResponse>;
  readonly replay: ReplayPolicy;
}

/** A plugin that is called through the three tools of a plugin server. */
export function createMcpPlugin(dependencies: McpPluginDependencies): McpPlugin {
  return new ExternalPlugin({ ...dependencies, codec: mcpCodec });
}
