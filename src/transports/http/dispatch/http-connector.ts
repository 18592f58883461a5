import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { HttpClientSettings } from '../../../config/sections/http-client.js';
import { GatechartError, isGatechartError } from '../../../errors.js';
import { guardedLookup } from '../address-guard.js';
import type { TlsOptions } from '../../tls-options.js';

export interface HttpConnectorOptions {
  readonly url: URL;
  readonly name: string;
  readonly http: HttpClientSettings;
  readonly uds?: string;
  readonly tls?: TlsOptions;
  readonly lookup?: LookupFunction;
}

const brokenSends = new WeakSet<Error>();

/** Whether a connection broke, with this error, before all was sent that was to be sent: no request was read to its end. */
export function brokeWhileSending(error: Error): boolean {
  return brokenSends.has(error);
}

/** undici's connector, with checked name resolution and the write time-out that undici does not have. */
export function connectorFor({ url, name, http, uds, tls, lookup }: HttpConnectorOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: http.connectTimeoutMs,
    ...(uds === undefined ? {} : { socketPath: uds }),
    ...(http.ssrfProtection
      ? { lookup: guardedLookup(lookup, http.privateAddresses) }
      : lookup === undefined
        ? {}
        : { lookup }),
    ...(tls ?? (http.skipTlsVerify ? { rejectUnauthorized: false } : {})),
  });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      // Fires when nothing moved in either direction for so long; only a write that is stuck is a reason to end it.
      socket.setTimeout(http.writeTimeoutMs, () => {
        if (socket.writableLength === 0) return;
        socket.destroy(
          new GatechartError(
            'LINK_LOST',
            `${name}: ${url.host} did not take what was sent for ${http.writeTimeoutMs} ms (PLUGINS_HTTPX_WRITE_TIMEOUT).`,
          ),
        );
      });
      socket.once('error', (broken) => {
        if (socket.writableLength > 0 && !isGatechartError(broken)) brokenSends.add(broken);
      });
      callback(null, socket);
    });
}
