import type { ConnectionSettings } from '../../machines/index.js';
import type { Logger } from '../observability/logger.js';
import type { Clock, Random } from '../time/clock.js';
import type { Transport } from '../transports/transport.js';
import type { Connection, ConnectionStatus, OwnConnection } from './connection-api.js';
import type { ConnectionSystem } from './connection-system.js';
import { ManagedConnection } from './managed-connection.js';

/** How connections behave where nothing else is said. Times in milliseconds. */
export const defaultConnectionSettings: Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'> = {
  connectTimeoutMs: 20_000,
  jitter: 0.2,
  stablePeriodMs: 5_000,
  reconnectWindowMs: 5_000,
  cooldownMs: 1_000,
  maxCooldownMs: 30_000,
  suspectAfter: 3,
  pingTimeoutMs: 5_000,
  idleTimeoutMs: undefined,
  maxWaiting: 1_000,
};

/** What one connection of a set has of its own; without a window it has that of the set. */
export type ReconnectSettings = Pick<
  ConnectionSettings,
  'reconnectAttempts' | 'reconnectDelayMs' | 'reconnectWindowMs'
>;

/** What all connections of a set have in common. */
export interface ConnectionSetDependencies {
  readonly settings: Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'>;
  readonly system: ConnectionSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What a set gives for a new connection: a share of one that others have, which `open` makes where there is none. */
export type ShareConnection<Request, Response> = (
  open: () => OwnConnection<Request, Response>,
) => OwnConnection<Request, Response>;

/** Makes connections, and tells of them by name. Whoever asked for one ends it. */
export class ConnectionSet {
  readonly #dependencies: ConnectionSetDependencies;
  readonly #connections = new Map<string, Pick<Connection<never, unknown>, 'status' | 'close'>>();

  constructor(dependencies: ConnectionSetDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * A connection over a transport; its link opens on the first call. No living connection of the set may have the name.
   *
   * @param share where others are to have the connection as well; default: nobody else has it
   * @param owner what errors call it; default: its name
   */
  open<Request, Response>(
    name: string,
    transport: Transport<Request, Response>,
    { reconnectAttempts, reconnectDelayMs, reconnectWindowMs }: ReconnectSettings,
    share: ShareConnection<Request, Response> = (open) => open(),
    owner = name,
  ): OwnConnection<Request, Response> {
    const { settings, system, clock, random, logger } = this.#dependencies;
    const connection = share(
      () =>
        new ManagedConnection({
          name,
          owner,
          transport,
          settings: {
            ...settings,
            reconnectAttempts,
            reconnectDelayMs,
            ...(reconnectWindowMs !== undefined && { reconnectWindowMs }),
          },
          system,
          clock,
          random,
          logger,
        }),
    );
    this.#connections.set(name, connection);
    return connection;
  }

  /** Where each connection is and why, in the order they were made; also of those that are closed. */
  statuses(): ConnectionStatus[] {
    return [...this.#connections.values()].map((connection) => connection.status());
  }

  /** Closes a connection and tells of it no more; settles when its link is gone. */
  async forget(name: string): Promise<void> {
    const connection = this.#connections.get(name);
    this.#connections.delete(name);
    await connection?.close();
  }
}
