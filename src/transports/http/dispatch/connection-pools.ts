import { Pool } from 'undici';
import { connectorFor, type HttpConnectorOptions } from './http-connector.js';
import { OpenSockets } from './open-sockets.js';

/** Milliseconds that a connection beyond those that may be kept stays for the next request. */
const spareExpiryMs = 1000;

/** Connections that are kept alike, and how many requests are on them. */
export interface ConnectionPool {
  readonly pool: Pool;
  readonly connections: number;
  busy: number;
}

/**
 * Connections to one origin, within the limits of {@link HttpClientSettings}. Requests go first to those that may be kept,
 * beyond them to those that may only be used again soon.
 */
export class ConnectionPools {
  readonly #options: HttpConnectorOptions;
  #kept: ConnectionPool | undefined;
  #spare: ConnectionPool | undefined;
  /** Earlier ones, until what runs on them has ended. */
  readonly #retired = new Set<Pool>();
  readonly #sockets = new OpenSockets();

  /** How many connections may be kept, and how many there may be beside them. */
  readonly #limits: { readonly kept: number; readonly spare: number };
  #isDestroyed = false;

  constructor(options: HttpConnectorOptions) {
    this.#options = options;
    const { maxConnections, maxKeepaliveConnections } = options.http;
    const kept = Math.min(maxConnections, maxKeepaliveConnections);
    this.#limits = { kept, spare: maxConnections - kept };
    this.#open();
  }

  /** Where none may be kept, each closes after its answer. */
  get keepsNone(): boolean {
    return this.#kept === undefined;
  }

  /** Where the next request goes, if no more are under way than may be. */
  get free(): ConnectionPool {
    const kept = this.#kept;
    const { spare } = this.#limits;
    if (kept !== undefined && (kept.busy < kept.connections || spare === 0)) return kept;
    if (spare === 0) throw new RangeError('no connection is allowed');
    // Most servers never get so many requests at a time, and a pool of undici's holds 16 KB for those that wait in it.
    this.#spare ??= this.#newSpare(spare);
    return this.#spare;
  }

  /** One connection beside the others, for what `use` sends on it. */
  beside(use: (single: ConnectionPool) => void): void {
    const single = this.#newPool(1, 0);
    use(single);
    this.#retire(single);
  }

  /** New connections for those of a pool that is not to be used any more; nothing happens if they have been replaced. */
  replace(broken: ConnectionPool): void {
    const old = [this.#kept, this.#spare];
    if (!old.includes(broken)) return;
    this.#open();
    for (const pool of old) if (pool !== undefined) this.#retire(pool);
  }

  /** Ends all connections at once; settles when they are gone. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    const destroyed = (): readonly (Promise<void> | undefined)[] =>
      [this.#kept?.pool, this.#spare?.pool, ...this.#retired].map((pool) => pool?.destroy());
    await this.#sockets.end(destroyed, new Error('the link was closed'));
  }

  #open(): void {
    const { kept } = this.#limits;
    this.#kept = kept > 0 ? this.#newPool(kept, this.#options.http.keepaliveExpiryMs) : undefined;
    this.#spare = undefined;
  }

  #newSpare(connections: number): ConnectionPool {
    const spare = this.#newPool(connections, Math.min(this.#options.http.keepaliveExpiryMs, spareExpiryMs));
    // Whatever comes late finds it as it finds the others.
    if (this.#isDestroyed) void spare.pool.destroy();
    return spare;
  }

  #newPool(connections: number, expiryMs: number): ConnectionPool {
    const pool = new Pool(this.#options.url.origin, {
      connections,
      connect: this.#sockets.watch(connectorFor(this.#options)),
      keepAliveTimeout: Math.max(expiryMs, 1),
      keepAliveMaxTimeout: Math.max(expiryMs, 1),
      // Leave an idle connection well before the server does: on a busy event loop undici's timers run late, and a request
      // that meets the server's close on its way is cut off.
      keepAliveTimeoutThreshold: 3000,
    });
    return { pool, connections, busy: 0 };
  }

  /** Lets what runs on its connections come to its end. */
  #retire({ pool }: ConnectionPool): void {
    this.#retired.add(pool);
    const forget = (): void => void this.#retired.delete(pool);
    pool.close().then(forget, forget);
  }
}
