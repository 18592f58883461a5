import type { HttpClientSettings } from '../../config/sections/http-client.js';
import { longestDurationMs } from '../../time/duration.js';
import type { McpTransport } from '../../transports/mcp/mcp-messages.js';
import { openTransport, type TransportDependencies } from '../../transports/mcp/open-transport.js';
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

/**
 * The transport to a server. Deadlines of calls are the calls' own: a server that says nothing for long may be at work.
 *
 * @throws GatechartError ADDRESS_REFUSED
 */
export function serverTransport(
  { name, reach, connectTimeoutMs }: ServerEntry,
  { headers }: SessionTerms,
  dependencies: TransportDependencies,
): McpTransport {
  if (reach.kind === 'stdio') {
    const { command, args, env, cwd } = reach;
    return openTransport(
      name,
      { proto: 'STDIO', cmd: [command, ...args], env, ...(cwd === undefined ? {} : { cwd }) },
      dependencies,
    );
  }
  const { url, socketPath } = reach;
  const http: HttpClientSettings = {
    ...dependencies.http,
    connectTimeoutMs,
    readTimeoutMs: longestDurationMs,
  };
  void headers;
  return openTransport(
    name,
    { proto: 'STREAMABLEHTTP', url, ...(socketPath === undefined ? {} : { uds: socketPath }) },
    { ...dependencies, http },
  );
}
