import { Supervisor } from '../actors/supervisor.js';
import { inspectAll, observeAll } from '../actors/watchable.js';
import { readEnvironment } from '../config/environment/environment.js';
import { withDefaults } from '../config/option-values.js';
import { defaultConnectionSettings } from '../connection/connection-set.js';
import { ConnectionSystem } from '../connection/connection-system.js';
import { Turns } from '../connection/turns.js';
import { createLogger, unfailingLogger } from '../observability/logger.js';
import { systemClock } from '../time/clock.js';
import { Deadlines } from '../time/deadlines.js';
import { defaultLoginFolder, FileLoginStore } from './login/file-login-store.js';
import { ServerLogins } from './login/server-logins.js';
import { ServersSource } from './reload/servers-source.js';
import type { ServerEntry } from './server-entry.js';
import type { ServerSet } from './server-set-api.js';
import { DownstreamSet } from './set/downstream-set.js';
import { RunningServers } from './set/running-servers.js';
import type { SetDependencies } from './set/set-dependencies.js';
import { serverTransport } from './set/server-transport.js';
import type { ServerSetOptions } from './set/server-set-options.js';
import { checkServerSetOptions } from './set/server-set-checks.js';

/**
 * What `createServerSet` does, once it is loaded.
 *
 * @param transportOf makes links of one's own. Default: as the entries say
 */
export async function startServerSet(
  options: ServerSetOptions,
  transportOf?: SetDependencies['transportOf'],
): Promise<ServerSet> {
  checkServerSetOptions(options);
  const { env = process.env, clock = systemClock, random = Math.random, baseDir, inspector, recorder } = options;
  const environment = readEnvironment(env);
  const logger = unfailingLogger(options.logger ?? createLogger(environment.logLevel));
  const strict = options.strict ?? false;
  const source = new ServersSource(
    options.servers,
    { env, strict, ...(baseDir === undefined ? {} : { baseDir }) },
    logger,
  );
  const deadlines = new Deadlines(clock);
  const system = new ConnectionSystem(clock, deadlines, logger);
  const sessions = new Supervisor('sessions', logger, clock);
  const changes = new Supervisor('changes', logger, clock);
  const loginSystem = new Supervisor('logins', logger, clock);
  const actors = [system, sessions, changes, loginSystem];
  if (recorder !== undefined) observeAll(actors, recorder.observer);
  const watching = inspector === undefined ? undefined : inspectAll(actors, inspector, 'servers');
  const { ssrfProtection } = environment.http;
  const store = options.loginStore ?? new FileLoginStore(defaultLoginFolder(env));
  const logins = new ServerLogins({ store, logger, clock, ssrfProtection }, loginSystem);
  const links = {
    env,
    baseDir: baseDir ?? process.cwd(),
    // Whoever writes the URL of a server by hand may mean one of their own network, and most gateways have some.
    http: { ...environment.http, privateAddresses: true },
    logger,
    clock,
    random,
    actors: system.links,
    clientInfo: options.clientInfo,
    loginOf: (entry: ServerEntry) => logins.of(entry),
  };
  const running = new RunningServers({
    source,
    eager: options.eager ?? false,
    changes,
    system,
    sessions,
    deadlines,
    clock,
    random,
    logger,
    starts: new Turns(options.maxStarts ?? 8),
    connectionSettings: withDefaults(
      { ...defaultConnectionSettings, reconnectAttempts: 3, reconnectDelayMs: 500 },
      options.connection,
    ),
    maxSessions: options.maxSessions ?? 100,
    maxWaiting: options.connection?.maxWaiting ?? defaultConnectionSettings.maxWaiting,
    actors,
    loginStateOf: (server) => logins.stateOf(server),
    drainMs: options.drainMs ?? 30_000,
    transportOf: transportOf ?? ((entry, terms) => serverTransport(entry, terms, links)),
    release: async () => {
      await logins.close();
      watching?.unsubscribe();
      loginSystem.stop();
      sessions.stop();
      changes.stop();
      system.stop();
      deadlines.close();
    },
  });
  try {
    await running.start();
  } catch (error) {
    await running.close(0);
    throw error;
  }
  const { file } = source;
  if (options.watch === true && file !== undefined) running.follow(file, source.seen);
  return new DownstreamSet(running);
}
