import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { type ClientTlsConfig, clientTlsVariables } from './client-tls.js';
import { count } from './field-schemas.js';

/** Limits of the pool under HTTP transports (environment `PLUGINS_HTTPX_*`); milliseconds and counts. */
export interface HttpClientSettings {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly poolTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxKeepaliveConnections: number;
  readonly keepaliveExpiryMs: number;
  /** `PLUGINS_SKIP_SSL_VERIFY`: do not verify servers for which no TLS section is given. */
  readonly skipTlsVerify: boolean;
  /** `PLUGINS_SSRF_PROTECTION_ENABLED`: refuse private and link-local addresses. Default true. */
  readonly ssrfProtection: boolean;
  /** With it on, private addresses are let through all the same; link-local ones are not. Default false. */
  readonly privateAddresses?: boolean;
  /** `PLUGINS_CLIENT_MTLS_*`: used where a plugin gives no `tls` section of its own. */
  readonly clientTls?: ClientTlsConfig;
}

/** A process has no more ports than that to connect from. */
const mostConnections = 65_535;

export const httpClientVariables = {
  connectTimeout: variable.milliseconds('HTTPX_CONNECT_TIMEOUT', 'positive'),
  readTimeout: variable.milliseconds('HTTPX_READ_TIMEOUT', 'positive'),
  writeTimeout: variable.milliseconds('HTTPX_WRITE_TIMEOUT', 'positive'),
  poolTimeout: variable.milliseconds('HTTPX_POOL_TIMEOUT', 'positive'),
  maxConnections: variable.number('HTTPX_MAX_CONNECTIONS', count(1, mostConnections)),
  maxKeepaliveConnections: variable.number('HTTPX_MAX_KEEPALIVE_CONNECTIONS', count(0, mostConnections)),
  keepaliveExpiry: variable.milliseconds('HTTPX_KEEPALIVE_EXPIRY'),
  skipTlsVerify: variable.flag('SKIP_SSL_VERIFY'),
  ssrfProtection: variable.flag('SSRF_PROTECTION_ENABLED'),
};

/** The variables of `clientTls`. */
export const httpTlsVariables = clientTlsVariables('CLIENT_MTLS');

/** What holds for every connection over HTTP; there is no section for it, only the environment. */
export function readHttpClient(reader: EnvironmentReader, clientTls: ClientTlsConfig | undefined): HttpClientSettings {
  const variables = httpClientVariables;
  return {
    connectTimeoutMs: variables.connectTimeout.read(reader) ?? 5_000,
    readTimeoutMs: variables.readTimeout.read(reader) ?? 120_000,
    writeTimeoutMs: variables.writeTimeout.read(reader) ?? 30_000,
    poolTimeoutMs: variables.poolTimeout.read(reader) ?? 10_000,
    maxConnections: variables.maxConnections.read(reader) ?? 200,
    maxKeepaliveConnections: variables.maxKeepaliveConnections.read(reader) ?? 100,
    keepaliveExpiryMs: variables.keepaliveExpiry.read(reader) ?? 30_000,
    skipTlsVerify: variables.skipTlsVerify.read(reader) ?? false,
    ssrfProtection: variables.ssrfProtection.read(reader) ?? true,
    ...(clientTls === undefined ? {} : { clientTls }),
  };
}
