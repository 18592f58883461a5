import { checkUrl, shownUrl } from './address-guard.js';
import { HttpLink } from './http-link.js';
import type { HttpTransportOptions } from './http-options.js';
import { HttpDispatcher } from './dispatch/http-dispatcher.js';
import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpLink, McpTransport } from '../mcp/mcp-messages.js';
import { loadTls } from '../tls-options.js';

/**
 * MCP over Streamable HTTP. Each link is a session of its own, on connections of its own, ended with DELETE.
 *
 * `open` rejects with GatechartError ADDRESS_REFUSED, TLS_INVALID, LINK_LOST (nothing listens, cut off), CALL_REFUSED (an
 * HTTP error status) or PROTOCOL_ERROR (not an MCP server).
 *
 * @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to.
 */
export function createHttpTransport(options: HttpTransportOptions): McpTransport {
  const { uds, http } = options;
  const url = checkUrl(options.url, { ssrfProtection: uds === undefined && http.ssrfProtection });
  return {
    target: uds === undefined ? shownUrl(url) : `${shownUrl(url)} (uds=${uds})`,
    open: (signal) => openHttpLink(options, url, signal),
  };
}

async function openHttpLink(options: HttpTransportOptions, url: URL, signal: AbortSignal): Promise<McpLink> {
  signal.throwIfAborted();
  const { name, uds, http, clock, lookup } = options;
  const tlsConfig = url.protocol === 'https:' && uds === undefined ? (options.tls ?? http.clientTls) : undefined;
  const tls = tlsConfig === undefined ? undefined : await loadTls(name, tlsConfig);
  const dispatcher = new HttpDispatcher({
    url,
    name,
    http,
    clock,
    ...(uds === undefined ? {} : { uds }),
    ...(tls === undefined ? {} : { tls }),
    ...(lookup === undefined ? {} : { lookup }),
  });
  return openWithHandshake(new HttpLink(options, url, dispatcher), signal, { name, target: shownUrl(url) });
}
