import type { Implementation } from '@modelcontextprotocol/sdk/types.js';
import type { HttpClientSettings } from '../../config/sections/http-client.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock, Random } from '../../time/clock.js';
import { longestDurationMs } from '../../time/duration.js';
import type { Authorization } from '../../transports/http/authorization.js';
import { createHttpTransport } from '../../transports/http/http-transport.js';
import type { McpTransport } from '../../transports/mcp/mcp-messages.js';
import { createSseTransport } from '../../transports/sse/sse-transport.js';
import { createStdioTransport } from '../../transports/stdio/stdio-transport.js';
import type { ServerEntry } from '../server-entry.js';
import type { SessionTerms } from '../sessions/session-key.js';

/** What every child process is given of our environment: where things are, and nothing that could be a secret. */
const inherited =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATH',
        'PATHEXT',
        'PROCESSOR_ARCHITECTURE',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'USERNAME',
        'USERPROFILE',
      ]
    : ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'TZ', 'USER'];

/** The environment of child processes before their own `env`. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    inherited.flatMap((name) => {
      const value = env[name];
      // Shells hand functions on in variables.
      return value === undefined || value.startsWith('()') ? [] : [[name, value]];
    }),
  );
}

/** What all servers are reached with. */
export interface ServerTransportDependencies {
  /** What child processes get before their own `env`. */
  readonly env: NodeJS.ProcessEnv;
  /** Absolute; where relative folders start. */
  readonly baseDir: string;
  readonly http: HttpClientSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly clientInfo: Implementation | undefined;
  /** What gives requests to a server their Authorization header. */
  readonly loginOf: (entry: ServerEntry) => Authorization | undefined;
}

/**
 * The transport to a server. Deadlines of calls are the calls' own: a server that says nothing for long may be at work.
 *
 * @throws GatechartError ADDRESS_REFUSED
 */
export function serverTransport(
  entry: ServerEntry,
  { capabilities, headers }: SessionTerms,
  { env: processEnv, baseDir, http, logger, clock, random, clientInfo, loginOf }: ServerTransportDependencies,
): McpTransport {
  const { name, reach, connectTimeoutMs } = entry;
  const identity = { clientCapabilities: capabilities, ...(clientInfo === undefined ? {} : { clientInfo }) };
  if (reach.kind === 'stdio') {
    const { command, args, env, cwd } = reach;
    const server = { cmd: [command, ...args], env, ...(cwd === undefined ? {} : { cwd }) };
    return createStdioTransport({ name, server, processEnv, logger, clock, baseDir, ...identity });
  }
  const { url, socketPath } = reach;
  const authorization = loginOf(entry);
  const create = reach.kind === 'sse' ? createSseTransport : createHttpTransport;
  return create({
    name,
    url,
    http: { ...http, connectTimeoutMs, readTimeoutMs: longestDurationMs },
    headers: { ...headers, ...reach.headers },
    logger,
    clock,
    random,
    ...(authorization === undefined ? {} : { authorization }),
    ...(socketPath === undefined ? {} : { uds: socketPath }),
    ...identity,
  });
}
