import type { ServerSet } from './server-set-api.js';
import type { ServerSetOptions } from './set/server-set-options.js';

/**
 * Reads a servers file, and gives back the servers in it. None is started before something is wanted of it, unless its entry
 * or `eager` says so.
 *
 * ```ts
 * await using servers = await createServerSet({ servers: '.mcp.json' });
 * const { content } = await servers.callTool('memory', { name: 'read_graph' });
 * ```
 *
 * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE for the file; GatechartError CONFIG_INVALID for options
 */
export async function createServerSet(options: ServerSetOptions): Promise<ServerSet> {
  // Programs without servers need not load what keeps them.
  const { startServerSet } = await import('./start-server-set.js');
  return startServerSet(options);
}
