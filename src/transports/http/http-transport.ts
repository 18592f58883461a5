import { checkUrl, shownUrl } from './address-guard.js';
import { HttpLink } from './http-link.js';
import type { HttpTransportOptions } from './http-options.js';
import { headerFields } from './header-fields.js';
import { HttpDispatcher } from './dispatch/http-dispatcher.js';
import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpLink, McpTransport } from '../mcp/mcp-messages.js';
import { loadTls } from '../tls-options.js';

/**
 * MCP over Streamable HTTP. Each link is a session of its own, on connections of its own, ended with DELETE.
 *
 * `open` rejects with GatechartError ADDRESS_REFUSED, TLS_INVALID, LINK_LOST (nothing listens, cut off), CALL_REFUSED (an
 * HTTP error status), LOGIN_NEEDED or PROTOCOL_ERROR (not an MCP server).
 *
 * @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to, CONFIG_INVALID for a header that cannot be sent.
 */
export function createHttpTransport(options: HttpTransportOptions): McpTransport {
  const { name, uds, http } = options;
  const url = checkUrl(options.url, { ssrfProtection: uds === undefined && http.ssrfProtection });
  const checked =
    options.headers === undefined ? options : { ...options, headers: headerFields(name, options.headers) };
  return {
    target: uds === undefined ? shownUrl(url) : `${shownUrl(url)} (uds=${uds})`,
    open: (signal) => openHttpLink(checked, url, signal),
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
