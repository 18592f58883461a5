import { shownUrl } from '../http/address-guard.js';
import { httpReach, openDispatcher } from '../http/http-opening.js';
import type { HttpTransportOptions } from '../http/http-options.js';
import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpTransport } from '../mcp/mcp-messages.js';
import { SseLink } from './sse-link.js';

/**
 * MCP over HTTP as it was before Streamable HTTP (revision 2024-11-05): one stream on which everything comes, and an address
 * that it names to which messages are posted. The end of the stream is the end of the link.
 *
 * `open` rejects with what {@link createHttpTransport} rejects with.
 *
 * @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to, CONFIG_INVALID for a header that cannot be sent.
 */
export function createSseTransport(options: HttpTransportOptions): McpTransport {
  const { http } = options;
  // The stream holds one of them all the time.
  const reach = httpReach({ ...options, http: { ...http, maxConnections: http.maxConnections + 1 } });
  const { url, target } = reach;
  return {
    target,
    open: async (signal) => {
      signal.throwIfAborted();
      const link = new SseLink(reach.options, url, await openDispatcher(reach));
      return openWithHandshake(link, signal, { name: options.name, target: shownUrl(url) });
    },
  };
}
