import type { IncomingHttpHeaders } from 'node:http';
import type { McpCaller } from './mcp-service.js';
import type { SessionClient } from './session-client.js';

/** What proves who somebody is. It is looked at once, at the door, and goes no further. */
const credentialHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'mcp-session-id',
  'proxy-authorization',
]);

/** Whoever asks for a request of this client that came with these headers, as things are now. */
export function callerOf(client: SessionClient, headers: IncomingHttpHeaders | undefined): McpCaller {
  const { info, capabilities, logLevel, identity } = client;
  return { client, info, capabilities, logLevel, identity, headers: headersWithoutCredentials(headers ?? {}) };
}

function headersWithoutCredentials(headers: IncomingHttpHeaders): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || credentialHeaders.has(name)) continue;
    shown[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return shown;
}
