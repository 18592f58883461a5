import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpTransport } from '../mcp/mcp-messages.js';
import { shownUrl } from './address-guard.js';
import { HttpLink } from './http-link.js';
import { httpReach, openDispatcher } from './http-opening.js';
import type { HttpTransportOptions } from './http-options.js';

/**
 * MCP over Streamable HTTP. Each link is a session of its own, on connections of its own, ended with DELETE.
 *
 * `open` rejects with GatechartError ADDRESS_REFUSED, TLS_INVALID, LINK_LOST (nothing listens, cut off), CALL_REFUSED (an
 * HTTP error status), LOGIN_NEEDED or PROTOCOL_ERROR (not an MCP server).
 *
 * @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to, CONFIG_INVALID for a header that cannot be sent.
 */
export function createHttpTransport(options: HttpTransportOptions): McpTransport {
  const reach = httpReach(options);
  const { url, target } = reach;
  return {
    target,
    open: async (signal) => {
      signal.throwIfAborted();
      const link = new HttpLink(reach.options, url, await openDispatcher(reach));
      return openWithHandshake(link, signal, { name: options.name, target: shownUrl(url) });
    },
  };
}
