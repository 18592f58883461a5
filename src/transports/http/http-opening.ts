import { loadTls } from '../tls-options.js';
import { checkUrl, shownUrl } from './address-guard.js';
import { HttpDispatcher } from './dispatch/http-dispatcher.js';
import { headerFields } from './header-fields.js';
import type { HttpTransportOptions } from './http-options.js';

/** Where a transport leads, checked. */
export interface HttpReach {
  readonly url: URL;
  /** For people: without query, and with the Unix socket. */
  readonly target: string;
  /** With the headers as they are sent. */
  readonly options: HttpTransportOptions;
}

/** @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to, CONFIG_INVALID for a header that cannot be sent */
export function httpReach(options: HttpTransportOptions): HttpReach {
  const { name, uds, http, headers } = options;
  const url = checkUrl(options.url, { ...http, ssrfProtection: uds === undefined && http.ssrfProtection });
  return {
    url,
    target: uds === undefined ? shownUrl(url) : `${shownUrl(url)} (uds=${uds})`,
    options: headers === undefined ? options : { ...options, headers: headerFields(name, headers) },
  };
}

/** The connections of one link. @throws GatechartError TLS_INVALID */
export async function openDispatcher({ url, options }: HttpReach): Promise<HttpDispatcher> {
  const { name, uds, http, clock, lookup } = options;
  const tlsConfig = url.protocol === 'https:' && uds === undefined ? (options.tls ?? http.clientTls) : undefined;
  const tls = tlsConfig === undefined ? undefined : await loadTls(name, tlsConfig);
  return new HttpDispatcher({
    url,
    name,
    http,
    clock,
    ...(uds === undefined ? {} : { uds }),
    ...(tls === undefined ? {} : { tls }),
    ...(lookup === undefined ? {} : { lookup }),
  });
}
