import type { IncomingMessage } from 'node:http';

/**
 * Credentials of the client: they are for this server, and for nobody whom it asks on the client's behalf. Whoever knows the
 * id of a session may speak in it, where nobody has to prove who they are.
 */
const credentialHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'mcp-session-id',
  'proxy-authorization',
]);

export function carriesCredentials(name: string): boolean {
  return credentialHeaders.has(name.toLowerCase());
}

/** Headers without those that are credentials: the id of a session stands in answers too. */
export function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !carriesCredentials(name)));
}

/** The headers of a request, names in lower case, without those that are credentials. */
export function readableHeaders({ headers }: IncomingMessage): Record<string, string> {
  const readable: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || carriesCredentials(name)) continue;
    readable.push([name, typeof value === 'string' ? value : value.join(', ')]);
  }
  return Object.fromEntries(readable);
}
