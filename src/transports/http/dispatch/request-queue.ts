import { GatechartError } from '../../../errors.js';
import type { HttpClientSettings } from '../../../config/sections/http-client.js';
import type { Clock, TimerHandle } from '../../../time/clock.js';
import type { Exchange } from './http-exchange.js';

export interface RequestQueueOptions {
  readonly name: string;
  readonly http: HttpClientSettings;
  readonly clock: Clock;
}

/** Requests that wait for a connection, first come, first served; none of them longer than the pool time-out. */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #waiting = new Map<Exchange, TimerHandle>();

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  add(exchange: Exchange): void {
    const { clock, http, name } = this.#options;
    const timer = clock.setTimeout(() => {
      exchange.fail(
        new GatechartError(
          'LINK_LOST',
          `${name}: no connection became free within ${http.poolTimeoutMs} ms: all ${http.maxConnections} are in use (PLUGINS_HTTPX_POOL_TIMEOUT, PLUGINS_HTTPX_MAX_CONNECTIONS).`,
        ),
      );
    }, http.poolTimeoutMs);
    timer.ref?.();
    this.#waiting.set(exchange, timer);
  }

  /** Takes out the one that has waited longest. */
  next(): Exchange | undefined {
    const [first] = this.#waiting.keys();
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** False if it does not wait. */
  remove(exchange: Exchange): boolean {
    this.#options.clock.clearTimeout(this.#waiting.get(exchange));
    return this.#waiting.delete(exchange);
  }
}
