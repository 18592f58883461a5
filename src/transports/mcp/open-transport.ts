import type { HttpClientSettings } from '../../config/sections/http-client.js';
import type { McpClientConfig } from '../../config/sections/mcp-client.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock, Random } from '../../time/clock.js';
import type { LinkActors } from '../link-actors.js';
import type { McpTransport } from './mcp-messages.js';

/** How an MCP server is reached: started as a child process, or called at its URL. */
export type McpServer = Pick<McpClientConfig, 'proto' | 'script' | 'cmd' | 'env' | 'cwd' | 'url' | 'uds' | 'tls'>;

/** What transports have in common, whichever server they lead to. */
export interface TransportDependencies {
  /** The environment that a server's own `env` is laid over. */
  readonly env: NodeJS.ProcessEnv;
  /** Absolute; where relative folders start. */
  readonly baseDir: string;
  readonly http: HttpClientSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the actors of links live. Default: by themselves. */
  readonly actors?: LinkActors | undefined;
}

/**
 * The transport to an MCP server; loads what that needs, and no other. Nothing is opened yet.
 *
 * @param name of the server, for messages
 * @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to
 */
export async function openTransport(
  name: string,
  server: McpServer,
  dependencies: TransportDependencies,
): Promise<McpTransport> {
  const { env, baseDir, http, logger, clock, random, actors } = dependencies;
  if (server.proto === 'STDIO') {
    const { createStdioTransport } = await import('../stdio/stdio-transport.js');
    return createStdioTransport({ name, server, processEnv: env, logger, clock, baseDir });
  }
  const { url = '', uds, tls } = server;
  const { createHttpTransport } = await import('../http/http-transport.js');
  return createHttpTransport({
    name,
    url,
    http,
    logger,
    clock,
    random,
    actors,
    ...(uds === undefined ? {} : { uds }),
    ...(tls === undefined ? {} : { tls }),
  });
}
