import type { ConfigIssue } from '../config-issue.js';
import { suggestionFor } from '../suggestion.js';

const tlsNames = ['CERTFILE', 'KEYFILE', 'CA_BUNDLE', 'KEYFILE_PASSWORD', 'VERIFY', 'CHECK_HOSTNAME'];
const serverNames =
  'HOST PORT UDS MAX_CALLS MAX_SESSION_CALLS SSL_ENABLED SSL_CERTFILE SSL_KEYFILE SSL_CA_CERTS SSL_KEYFILE_PASSWORD';
const hostNames =
  'ENABLED CONFIG_FILE PLUGIN_TIMEOUT FAIL_ON_PLUGIN_ERROR DEFAULT_HOOK_POLICY LOG_LEVEL SKIP_SSL_VERIFY ' +
  'SSRF_PROTECTION_ENABLED HTTPX_CONNECT_TIMEOUT HTTPX_READ_TIMEOUT HTTPX_WRITE_TIMEOUT HTTPX_POOL_TIMEOUT ' +
  'HTTPX_MAX_CONNECTIONS HTTPX_MAX_KEEPALIVE_CONNECTIONS HTTPX_KEEPALIVE_EXPIRY';

/** Every variable that is read, by hosts and by plugin servers. */
export const variableNames: readonly string[] = [
  ...hostNames.split(' '),
  ...tlsNames.flatMap((name) => [`CLIENT_MTLS_${name}`, `GRPC_CLIENT_MTLS_${name}`]),
  'CONFIG_PATH',
  'TRANSPORT',
  'UNIX_SOCKET_PATH',
  'SERVER_ALLOWED_HOSTS',
  'SERVER_SSL_CERT_REQS',
  'GRPC_SERVER_SSL_CLIENT_AUTH',
  ...serverNames.split(' ').flatMap((name) => [`SERVER_${name}`, `GRPC_SERVER_${name}`]),
].map((name) => `PLUGINS_${name}`);

/**
 * Warns of variables that are all but spelled like one that is read: a misspelt policy would be no policy. Others that
 * begin alike are the business of whoever reads them.
 */
export function misspeltVariables(env: NodeJS.ProcessEnv): ConfigIssue[] {
  return Object.keys(env)
    .filter((name) => /^PLUGINS?_/i.test(name) && !variableNames.includes(name.toUpperCase()))
    .flatMap((name): ConfigIssue[] => {
      const meant = suggestionFor(name.toUpperCase(), variableNames);
      if (meant === undefined) return [];
      return [{ path: name, message: `nothing reads this variable; did you mean ${meant}?`, severity: 'warning' }];
    });
}
