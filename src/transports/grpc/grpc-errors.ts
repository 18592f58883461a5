import type { ClientTlsConfig } from '../../config/sections/client-tls.js';
import { GatechartError } from '../../errors.js';

/** What the client library puts around the words that matter: when it failed, and notes on name resolution. */
const wrapping = [
  /^No connection established\. Last error: (Error: )?/,
  /\s*\(\d{4}-\d\d-\d\dT[\d:.]+Z\)/,
  /\.?\s*Resolution note: .*$/s,
];

const clientCertificateAlert =
  /alert (certificate required|bad certificate|unknown ca|handshake failure|unsupported certificate)/;

/** Servers that miss a client certificate often just hang up, and what the TLS layer was told comes too late. */
const hangUp = /Failed to connect|ECONNRESET|EPIPE|Connection dropped/;

/** Why there is no connection to a server, from what a call on it was told. */
export function connectError(address: string, details: string, tls: ClientTlsConfig | undefined): GatechartError {
  const words = wrapping.reduce((text, pattern) => text.replace(pattern, ''), details).trim();
  // The library reports an attempt that it gave up itself as an error that is undefined.
  const said = ['', 'undefined', 'null'].includes(words) ? 'the connection was given up before it was ready' : words;
  const message = `Cannot connect to gRPC server ${address}: ${said}`;
  if (tls === undefined) return new GatechartError('LINK_LOST', message);
  if (clientCertificateAlert.test(said)) {
    const advice = 'the server did not accept our certificate; check tls.certfile, or give one';
    return new GatechartError('TLS_INVALID', `${message}; ${advice}`);
  }
  const hint =
    tls.certfile === undefined && hangUp.test(said)
      ? '; if every attempt ends like this, the server may want a client certificate (tls.certfile)'
      : '';
  return new GatechartError('LINK_LOST', `${message}${hint}`);
}
