import type { Implementation } from '@modelcontextprotocol/sdk/types.js';
import { longestDurationMs } from '../../time/duration.js';
import type { Authorization } from '../../transports/http/authorization.js';
import type { McpTransport } from '../../transports/mcp/mcp-messages.js';
import { openServerTransport } from '../../transports/mcp/open-server-transport.js';
import type { TransportDependencies } from '../../transports/mcp/open-transport.js';
import type { ServerEntry } from '../server-entry.js';
import type { SessionTerms } from '../sessions/session-key.js';

/** What all servers are reached with. */
export interface ServerTransportDependencies extends TransportDependencies {
  readonly clientInfo: Implementation | undefined;
  /** What gives requests to a server their Authorization header. */
  readonly loginOf: (entry: ServerEntry) => Authorization | undefined;
}

/**
 * The transport to a server. Deadlines of calls are the calls' own: a server that says nothing for long may be at work.
 *
 * @throws GatechartError ADDRESS_REFUSED, CONFIG_INVALID
 */
export function serverTransport(
  entry: ServerEntry,
  { capabilities, headers }: SessionTerms,
  { clientInfo, loginOf, ...dependencies }: ServerTransportDependencies,
): McpTransport {
  const { name, reach, connectTimeoutMs } = entry;
  const authorization = loginOf(entry);
  // What the entry says itself is not for callers to replace.
  const address = reach.kind === 'stdio' ? reach : { ...reach, headers: { ...headers, ...reach.headers } };
  return openServerTransport(
    name,
    address,
    {
      clientCapabilities: capabilities,
      ...(clientInfo === undefined ? {} : { clientInfo }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    { ...dependencies, http: { ...dependencies.http, connectTimeoutMs, readTimeoutMs: longestDurationMs } },
  );
}
