import type { Socket } from 'node:net';
import { Pool } from 'undici';
import { GatechartError } from '../../errors.js';
import type { Clock } from '../../time/clock.js';
import { connectorFor, type HttpConnectorOptions } from './http-connector.js';
import { Exchange, type ExchangeHost, type HttpLane, type HttpReceiver, type HttpRequest } from './http-exchange.js';

export interface HttpPoolOptions extends HttpConnectorOptions {
  readonly clock: Clock;
}

/** Milliseconds that a connection beyond those that may be kept stays for the next request. */
const spareExpiryMs = 1000;

/** Where requests go: first to the connections that may be kept, beyond them to those that may only be used again soon. */
interface Lanes {
  readonly kept: HttpLane | undefined;
  readonly spare: HttpLane | undefined;
}

/**
 * Connections to one origin, within the limits of {@link HttpClientSettings}. Exchanges are undici dispatch handlers: no
 * body stream that could be left unread, no AbortSignal that listeners could pile up on.
 */
export class HttpPool implements ExchangeHost {
  readonly #options: HttpPoolOptions;
  #lanes: Lanes;
  /** Earlier ones, until what runs on them has ended. */
  readonly #retired = new Set<Pool>();
  readonly #waiting = new Set<Exchange>();
  readonly #sockets = new Set<Socket>();
  #busy = 0;

  constructor(options: HttpPoolOptions) {
    this.#options = options;
    this.#lanes = this.#newLanes();
  }

  /** Sends a request as soon as a connection is free; the receiver hears what becomes of it, once. Returns what cancels it. */
  send(request: HttpRequest, receiver: HttpReceiver): Exchange {
    const exchange = new Exchange(this, request, receiver);
    if (this.#hasRoom()) this.#dispatch(exchange, this.#freeLane());
    else if (request.isUrgent === true) this.#dispatchBeside(exchange);
    else this.#queue(exchange);
    return exchange;
  }

  /**
   * A connection broke under a request. The idle ones beside it may have died with it and not have said so yet, and a
   * request that is sent again must not meet one of them: from now on there are new ones.
   *
   * @internal
   */
  broke(exchange: Exchange): void {
    const old = this.#lanes;
    if (exchange.lane !== old.kept && exchange.lane !== old.spare) return;
    this.#lanes = this.#newLanes();
    for (const pool of poolsOf(old)) this.#retire(pool);
  }

  /** @internal */
  leave(exchange: Exchange): void {
    if (this.#waiting.delete(exchange)) return this.#options.clock.clearTimeout(exchange.timer);
    this.#busy--;
    if (exchange.lane !== undefined) exchange.lane.busy--;
    if (!this.#hasRoom()) return;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      this.#options.clock.clearTimeout(next.timer);
      next.timer = undefined;
      return this.#dispatch(next, this.#freeLane());
    }
  }

  /** Ends all connections at once; settles when they are gone. */
  async destroy(): Promise<void> {
    const sockets = [...this.#sockets];
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    const pools = [...poolsOf(this.#lanes), ...this.#retired].map((pool) => pool.destroy());
    // undici leaves those alone that are still connecting. The error is what stops its connect time-out.
    for (const socket of sockets) if (!socket.destroyed) socket.destroy(new Error('the link was closed'));
    await Promise.all([...pools, ...gone]);
  }

  #newLanes(): Lanes {
    const { maxConnections, maxKeepaliveConnections, keepaliveExpiryMs } = this.#options.http;
    const kept = Math.min(maxConnections, maxKeepaliveConnections);
    const spare = maxConnections - kept;
    return {
      kept: kept > 0 ? this.#newLane(kept, keepaliveExpiryMs) : undefined,
      spare: spare > 0 ? this.#newLane(spare, Math.min(keepaliveExpiryMs, spareExpiryMs)) : undefined,
    };
  }

  #newLane(connections: number, expiryMs: number): HttpLane {
    const pool = new Pool(this.#options.url.origin, {
      connections,
      connect: connectorFor(this.#options, this.#sockets),
      keepAliveTimeout: Math.max(expiryMs, 1),
      keepAliveMaxTimeout: Math.max(expiryMs, 1),
      // Leave an idle connection well before the server does: on a busy event loop undici's timers run late, and a request
      // that meets the server's close on its way is cut off.
      keepAliveTimeoutThreshold: 3000,
    });
    return { pool, connections, busy: 0 };
  }

  #hasRoom(): boolean {
    return this.#busy < this.#options.http.maxConnections;
  }

  #freeLane(): HttpLane {
    const { kept, spare } = this.#lanes;
    const lane = kept !== undefined && (kept.busy < kept.connections || spare === undefined) ? kept : spare;
    if (lane === undefined) throw new RangeError('no connection is allowed');
    return lane;
  }

  #dispatchBeside(exchange: Exchange): void {
    const lane = this.#newLane(1, 0);
    this.#dispatch(exchange, lane);
    this.#retire(lane.pool);
  }

  /** Lets what runs on its connections come to its end. */
  #retire(pool: Pool): void {
    this.#retired.add(pool);
    const forget = (): void => void this.#retired.delete(pool);
    pool.close().then(forget, forget);
  }

  #dispatch(exchange: Exchange, lane: HttpLane): void {
    lane.busy++;
    this.#busy++;
    exchange.lane = lane;
    const { method, path, headers, body, idleTimeoutMs } = exchange.request;
    lane.pool.dispatch(
      {
        method,
        path,
        headers,
        body: body ?? null,
        headersTimeout: idleTimeoutMs,
        bodyTimeout: idleTimeoutMs,
        // Where none may be kept, each closes after its answer.
        reset: this.#lanes.kept === undefined,
      },
      exchange,
    );
  }

  #queue(exchange: Exchange): void {
    const { clock, http, name } = this.#options;
    this.#waiting.add(exchange);
    exchange.timer = clock.setTimeout(() => {
      exchange.fail(
        new GatechartError(
          'LINK_LOST',
          `${name}: no connection became free within ${http.poolTimeoutMs} ms: all ${http.maxConnections} are in use (PLUGINS_HTTPX_POOL_TIMEOUT, PLUGINS_HTTPX_MAX_CONNECTIONS).`,
        ),
      );
    }, http.poolTimeoutMs);
    exchange.timer.ref?.();
  }
}

function poolsOf({ kept, spare }: Lanes): Pool[] {
  return [kept, spare].flatMap((lane) => (lane === undefined ? [] : [lane.pool]));
}
