import { FreeList } from '../../../actors/free-list.js';
import type { Clock } from '../../../time/clock.js';
import { type ConnectionPool, ConnectionPools } from './connection-pools.js';
import type { HttpConnectorOptions } from './http-connector.js';
import { Exchange, type ExchangeOwner, type HttpReceiver, type HttpRequest } from './http-exchange.js';
import { RequestQueue } from './request-queue.js';

export interface HttpDispatcherOptions extends HttpConnectorOptions {
  readonly clock: Clock;
}

/**
 * Sends requests to one origin, so many at a time as may be. Exchanges are undici dispatch handlers: no body stream that
 * could be left unread, no AbortSignal that listeners could pile up on.
 */
export class HttpDispatcher implements ExchangeOwner {
  readonly clock: Clock;
  readonly #maxConnections: number;
  readonly #pools: ConnectionPools;
  readonly #queue: RequestQueue<Exchange>;
  /** Those that may still be heard of. */
  readonly #running = new FreeList<Exchange>();
  /** How many hold a connection. */
  #busy = 0;

  constructor(options: HttpDispatcherOptions) {
    this.clock = options.clock;
    this.#maxConnections = options.http.maxConnections;
    this.#pools = new ConnectionPools(options);
    this.#queue = new RequestQueue(options);
  }

  /** Sends a request as soon as a connection is free; the receiver hears what becomes of it, once. Returns what cancels it. */
  send(request: HttpRequest, receiver: HttpReceiver): Exchange {
    const exchange = new Exchange(this, request, receiver);
    exchange.index = this.#running.add(exchange);
    if (this.#busy < this.#maxConnections) this.#dispatch(exchange, this.#pools.free);
    else if (request.isUrgent === true) this.#pools.beside((single) => this.#dispatch(exchange, single));
    else this.#queue.add(exchange);
    return exchange;
  }

  /** Ends all that is under way; nobody hears of it. */
  cancelAll(): void {
    for (const exchange of this.#running) exchange.cancel();
  }

  /** Ends all connections at once; settles when they are gone. */
  destroy(): Promise<void> {
    this.#queue.close();
    return this.#pools.destroy();
  }

  /**
   * A connection broke under a request. The idle ones beside it may have died with it and not have said so yet, and a
   * request that is sent again must not meet one of them: from now on there are new ones.
   *
   * @internal
   */
  broke({ pool }: Exchange): void {
    if (pool !== undefined) this.#pools.replace(pool);
  }

  /** @internal */
  released(exchange: Exchange): void {
    if (exchange.pool === undefined) {
      this.#queue.remove(exchange);
      return;
    }
    this.#busy--;
    exchange.pool.busy--;
    if (this.#busy >= this.#maxConnections) return;
    const next = this.#queue.next();
    if (next !== undefined) this.#dispatch(next, this.#pools.free);
  }

  /** @internal */
  ended(index: number): void {
    this.#running.remove(index);
  }

  #dispatch(exchange: Exchange, pool: ConnectionPool): void {
    pool.busy++;
    this.#busy++;
    exchange.pool = pool;
    const { method, path, headers, body, idleTimeoutMs } = exchange.request;
    pool.pool.dispatch(
      {
        method,
        path,
        headers,
        body: body ?? null,
        headersTimeout: idleTimeoutMs,
        bodyTimeout: idleTimeoutMs,
        reset: this.#pools.keepsNone,
      },
      exchange,
    );
  }
}
