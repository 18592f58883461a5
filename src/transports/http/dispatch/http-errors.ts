import { errors } from 'undici';
import type { HttpClientSettings } from '../../../config/sections/http-client.js';
import { GatechartError, isGatechartError, messageOf } from '../../../errors.js';
import { ContentCodingError } from './content-decoder.js';

/** Why a server's certificate was not accepted, by OpenSSL's code. */
const certificateProblems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed; give its authority as tls.ca_bundle",
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of the server is not trusted; give it as tls.ca_bundle',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of the server is not known; give it as tls.ca_bundle',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of the server is not known; give it as tls.ca_bundle',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority of the server is not known; give it as tls.ca_bundle',
  CERT_SIGNATURE_FAILURE: "the signature of the server's certificate is wrong",
  CERT_REVOKED: "the server's certificate was revoked",
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS on this port; is the URL meant to be http?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS on this port; is the URL meant to be http?',
};

const clientCertificateAlert =
  /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|UNSUPPORTED_CERTIFICATE)/;

const certificateHint = '; if every attempt ends like this, the server may want a client certificate (tls.certfile)';

/** Servers that miss a client certificate often just hang up, in TLS 1.3 after the handshake. */
function saidNothing(error: unknown, code: string): boolean {
  if (code === 'ECONNRESET') return true;
  return error instanceof errors.SocketError && error.socket?.bytesRead === 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True for a server that turned our certificate down: in TLS 1.3 it says so only after we have sent something. */
export function isCertificateAlert(error: unknown): boolean {
  return clientCertificateAlert.test(codeOf(error));
}

/** What went wrong between us and a server, in words. Errors of ours pass as they are. */
export function httpError(
  error: unknown,
  where: { name: string; target: string; http: HttpClientSettings },
): GatechartError {
  if (isGatechartError(error)) return error;
  const { name, target, http } = where;
  const code = codeOf(error);
  const make = (as: 'LINK_LOST' | 'PROTOCOL_ERROR' | 'TLS_INVALID', what: string): GatechartError =>
    new GatechartError(as, `${name}: ${target}: ${what}${what.endsWith('?') ? '' : '.'}`, {
      cause: error,
      details: { connection: name, reason: code },
    });

  if (error instanceof ContentCodingError) return make('PROTOCOL_ERROR', error.message);
  const problem = certificateProblems[code];
  if (problem !== undefined) return make('TLS_INVALID', problem);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return make(
      'TLS_INVALID',
      `the server's certificate is not for this host (${messageOf(error)}); use the name it is for, or set tls.check_hostname to false`,
    );
  }
  if (isCertificateAlert(error)) {
    return make('TLS_INVALID', `the server did not accept our certificate (${code}); check tls.certfile, or give one`);
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return make('TLS_INVALID', `the TLS handshake failed: ${messageOf(error)}`);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return make('LINK_LOST', `no connection within ${http.connectTimeoutMs} ms (PLUGINS_HTTPX_CONNECT_TIMEOUT)`);
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return make('LINK_LOST', `nothing received for ${http.readTimeoutMs} ms (PLUGINS_HTTPX_READ_TIMEOUT)`);
  }
  // undici gives no code to those that its parser finds in the first bytes.
  if (
    error instanceof errors.HTTPParserError ||
    code.startsWith('HPE_') ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  ) {
    return make('PROTOCOL_ERROR', `the answer is not HTTP (${messageOf(error)}); is this the port of an MCP server?`);
  }
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return make('LINK_LOST', `nothing listens there (${code}); is the server running?`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return make('LINK_LOST', `the host name cannot be resolved (${code})`);
  const hint = target.startsWith('https:') && saidNothing(error, code) ? certificateHint : '';
  return make('LINK_LOST', `the connection was lost (${messageOf(error) || code})${hint}`);
}
