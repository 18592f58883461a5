import type { OpenConnection } from '../../connection/connection-system.js';
import { type ConfigWatch, watchConfig } from '../../config/reload/config-watch.js';
import { Reloads } from '../../config/reload/reloads.js';
import type { Supervisor } from '../../actors/supervisor.js';
import type { Watchable } from '../../actors/watchable.js';
import { GatechartError } from '../../errors.js';
import type { Clock } from '../../time/clock.js';
import { deferred } from '../../time/deferred.js';
import { Listeners } from '../../transports/listeners.js';
import { listKinds } from '../lists/list-kinds.js';
import { reloadText, ServersReloadTask } from '../reload/reload-task.js';
import type { ServersSource } from '../reload/servers-source.js';
import { LogLevel } from '../server/log-level.js';
import { Server } from '../server/server.js';
import { type ServerListeners, unfailingListener } from '../server/server-listeners.js';
import type { ServersReload } from '../server-set-api.js';
import type { SetDependencies } from './set-dependencies.js';
import { ServersInForce } from './servers-in-force.js';
import type { ServersInput } from '../servers-file/servers-input.js';

/** What the servers of a set are run with, beside what each of them needs. */
export interface RunningDependencies extends SetDependencies {
  readonly source: ServersSource;
  /** Whether every server is started at once. */
  readonly eager: boolean;
  /** Where the actors live that change what runs. */
  readonly changes: Supervisor;
  /** All that has actors. */
  readonly actors: readonly Watchable[];
  /** Stops what is left when everything is closed. */
  readonly release: () => Promise<void>;
}

/** Milliseconds that a server has to take a log level. */
const logLevelMs = 10_000;

/** The servers of a set, and how they are changed while they run. */
export class RunningServers {
  readonly inForce = new ServersInForce();
  readonly listeners: ServerListeners = { changes: new Listeners(), sayings: new Listeners() };
  readonly #dependencies: RunningDependencies;
  readonly #logLevel: LogLevel;
  readonly #reloads: Reloads<ServersReload>;
  readonly #leaving = new Set<Server>();
  #watch: ConfigWatch | undefined;
  #readAt: number;
  readonly #closed = deferred();

  constructor(dependencies: RunningDependencies) {
    const { changes, clock, logger } = dependencies;
    this.#dependencies = dependencies;
    this.#logLevel = new LogLevel(logger);
    this.#reloads = new Reloads({ what: 'the servers', textOf: reloadText, closed }, changes, logger);
    this.#readAt = clock.now();
  }

  /** Milliseconds since the servers were read. */
  get ageMs(): number {
    return this.#dependencies.clock.now() - this.#readAt;
  }

  get actors(): readonly Watchable[] {
    return this.#dependencies.actors;
  }

  /** Settles when nothing is left. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The connection whose actor has this id; undefined when it is gone. */
  findConnection(actor: string): OpenConnection | undefined {
    return this.#dependencies.system.find(actor);
  }

  get clock(): Clock {
    return this.#dependencies.clock;
  }

  loginStateOf(server: string): string | undefined {
    return this.#dependencies.loginStateOf(server);
  }

  /** A listener of whoever uses the set, which may do whatever it likes. */
  unfailing<Heard>(listener: (heard: Heard) => void): (heard: Heard) => void {
    return unfailingListener(listener, this.#dependencies.logger);
  }

  /** Puts the first servers in force. @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE */
  async start(): Promise<void> {
    const task = this.#task(undefined, true);
    task.check();
    task.swap();
    await task.retire();
  }

  /** Reads the file again whenever it changes. @param seen what it looked like before it was read */
  follow(file: string, seen: string | undefined): void {
    const { changes: system, clock, logger, source } = this.#dependencies;
    // Whatever goes wrong is in the log already, for all reloads.
    const reload = (): Promise<void> => this.reload().then(undefined, () => undefined);
    const look = async (): Promise<string | undefined> => source.look();
    this.#watch = watchConfig({ file, seen, look, reload, system, clock, logger });
  }

  /** @throws ConfigError, and GatechartError CONNECTION_CLOSED; what was in force stays then */
  reload(servers?: string | URL | ServersInput): Promise<ServersReload> {
    return this.#reloads.run(this.#task(servers, false));
  }

  setLogLevel(level: string): void {
    if (!this.#logLevel.set(level)) return;
    for (const { server } of this.inForce.all()) {
      for (const session of server?.sessions.serving ?? []) {
        // Those without a link are told when they have one.
        if (session.link === undefined) continue;
        void this.#logLevel.tell(session.peer, (request) => session.request(request, { timeoutMs: logLevelMs }));
      }
    }
  }

  /** Ends everything; settles when nothing is left. */
  async close(drainMs: number): Promise<void> {
    this.#watch?.close();
    this.#reloads.close();
    const servers = [...this.inForce.all()].flatMap(({ server }) => (server === undefined ? [] : [server]));
    for (const server of [...servers, ...this.#leaving]) server.retire(drainMs);
    await Promise.all([...servers, ...this.#leaving].map((server) => server.sessions.left()));
    await this.#dependencies.release();
    this.#closed.resolve();
  }

  #task(servers: string | URL | ServersInput | undefined, isFirst: boolean): ServersReloadTask {
    const { clock, drainMs, eager, source } = this.#dependencies;
    return new ServersReloadTask({
      inForce: this.inForce,
      read: () => {
        const read = isFirst ? source.read() : source.readAgain(servers);
        this.#readAt = clock.now();
        return read;
      },
      create: (entry) => new Server(entry, this.#dependencies, this.listeners, this.#logLevel),
      retire: (server) => {
        this.#leaving.add(server);
        server.retire(drainMs);
        void server.sessions.left().then(() => this.#leaving.delete(server));
      },
      changed: (server) => {
        for (const kind of ['state', ...listKinds] as const) this.listeners.changes.tell({ server, kind });
      },
      eager,
    });
  }
}

function closed(): GatechartError {
  return new GatechartError('CONNECTION_CLOSED', 'The set of servers is closed; nothing is reloaded any more.');
}
