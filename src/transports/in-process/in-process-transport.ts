import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpTransport } from '../mcp/mcp-messages.js';
import { InProcessLink, type InProcessLinkOptions } from './in-process-link.js';

/**
 * MCP to a server in this process. Each link has a transport of its own.
 *
 * @param connect gives the client's end of a new transport, one of the SDK's; its server has the other end
 */
export function createInProcessTransport(
  connect: () => SdkTransport | Promise<SdkTransport>,
  options: InProcessLinkOptions,
): McpTransport {
  const target = 'in this process';
  return {
    target,
    startsServer: true,
    open: async (signal) => {
      signal.throwIfAborted();
      const link = new InProcessLink(await connect(), options);
      return openWithHandshake(link, signal, { name: options.name, target });
    },
  };
}
