import type { IncomingHttpHeaders } from 'node:http';
import { type LookupFunction, Socket } from 'node:net';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { HttpClientSettings } from '../config/plugin-config.js';
import { GatechartError } from '../errors.js';
import type { Clock, TimerHandle } from '../time/clock.js';
import { guardedLookup } from './address-guard.js';
import { isCertificateAlert } from './http-errors.js';
import type { TlsOptions } from './tls-options.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Milliseconds without a byte; 0 waits for ever. */
  readonly idleTimeoutMs: number;
}

/** Hears one answer. `head` may throw or `data` may throw: the exchange then fails with what was thrown. */
export interface HttpReceiver {
  head(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(error: Error, stage: HttpStage): void;
}

/** How far a request got: no connection was free, none could be made, or some of it may have reached the server. */
export type HttpStage = 'queued' | 'connecting' | 'sent';

export interface HttpPoolOptions {
  readonly url: URL;
  readonly name: string;
  readonly http: HttpClientSettings;
  readonly clock: Clock;
  readonly uds?: string;
  readonly tls?: TlsOptions;
  readonly lookup?: LookupFunction;
}

/**
 * Connections to one origin, within the limits of {@link HttpClientSettings}. Exchanges are undici dispatch handlers: no
 * body stream that could be left unread, no AbortSignal that listeners could pile up on.
 */
export class HttpPool {
  readonly #options: HttpPoolOptions;
  /** Where requests go. */
  #pool: Pool;
  /** Earlier ones, until what runs on them has ended. */
  readonly #retired = new Set<Pool>();
  readonly #waiting = new Set<Exchange>();
  readonly #sockets = new Set<Socket>();
  #busy = 0;

  constructor(options: HttpPoolOptions) {
    this.#options = options;
    this.#pool = this.#newPool();
  }

  /** Sends a request as soon as a connection is free; the receiver hears what becomes of it, once. Returns what cancels it. */
  send(request: HttpRequest, receiver: HttpReceiver): Exchange {
    const exchange = new Exchange(this, request, receiver);
    if (this.#busy < this.#options.http.maxConnections) this.#dispatch(exchange);
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
    const old = this.#pool;
    if (exchange.carrier !== old) return;
    this.#pool = this.#newPool();
    this.#retired.add(old);
    const forget = (): void => void this.#retired.delete(old);
    old.close().then(forget, forget);
  }

  /** @internal */
  leave(exchange: Exchange): void {
    if (this.#waiting.delete(exchange)) return this.#options.clock.clearTimeout(exchange.timer);
    this.#busy--;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      this.#options.clock.clearTimeout(next.timer);
      next.timer = undefined;
      this.#dispatch(next);
      return;
    }
  }

  /** Ends all connections at once; settles when they are gone. */
  async destroy(): Promise<void> {
    const sockets = [...this.#sockets];
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    const pools = [this.#pool, ...this.#retired].map((pool) => pool.destroy());
    // undici leaves those alone that are still connecting. The error is what stops its connect time-out.
    for (const socket of sockets) if (!socket.destroyed) socket.destroy(new Error('the link was closed'));
    await Promise.all([...pools, ...gone]);
  }

  #newPool(): Pool {
    const { http, url } = this.#options;
    return new Pool(url.origin, {
      connections: http.maxConnections,
      connect: connectorFor(this.#options, this.#sockets),
      keepAliveTimeout: Math.max(http.keepaliveExpiryMs, 1),
      keepAliveMaxTimeout: Math.max(http.keepaliveExpiryMs, 1),
      // Leave an idle connection well before the server does: on a busy event loop undici's timers run late, and a request
      // that meets the server's close on its way is cut off.
      keepAliveTimeoutThreshold: 3000,
    });
  }

  #dispatch(exchange: Exchange): void {
    const { maxKeepaliveConnections } = this.#options.http;
    this.#busy++;
    const { method, path, headers, body, idleTimeoutMs } = exchange.request;
    exchange.carrier = this.#pool;
    this.#pool.dispatch(
      {
        method,
        path,
        headers,
        body: body ?? null,
        headersTimeout: idleTimeoutMs,
        bodyTimeout: idleTimeoutMs,
        // A connection beyond those that may be kept closes after its answer.
        reset: this.#busy > maxKeepaliveConnections,
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

/** One request and its answer. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: HttpRequest;
  /** Runs while it waits for a connection. */
  timer: TimerHandle | undefined;
  /** What it was sent on. */
  carrier: Pool | undefined;
  readonly #pool: HttpPool;
  #receiver: HttpReceiver | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;

  constructor(pool: HttpPool, request: HttpRequest, receiver: HttpReceiver) {
    this.#pool = pool;
    this.request = request;
    this.#receiver = receiver;
  }

  /** Ends it; the receiver hears nothing more. */
  cancel(): void {
    this.#receiver = undefined;
    this.#abort(new Error('cancelled'));
  }

  /** Ends it; the receiver hears `error`. */
  fail(error: Error): void {
    const receiver = this.#receiver;
    const stage = this.stage;
    this.cancel();
    receiver?.failed(error, stage);
  }

  get settled(): boolean {
    return this.#settled;
  }

  get stage(): HttpStage {
    if (this.timer !== undefined) return 'queued';
    return this.#controller === undefined ? 'connecting' : 'sent';
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#receiver === undefined) controller.abort(new Error('cancelled'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#guarded(() => this.#receiver?.head(status, headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#guarded(() => this.#receiver?.data(chunk));
  }

  onResponseEnd(): void {
    this.#settle();
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const receiver = this.#receiver;
    const stage = isCertificateAlert(error) ? 'connecting' : this.stage;
    if (receiver !== undefined && stage === 'sent') this.#pool.broke(this);
    this.#settle();
    this.#receiver = undefined;
    receiver?.failed(error, stage);
  }

  #guarded(hear: () => void): void {
    try {
      hear();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #abort(reason: Error): void {
    if (this.#settled) return;
    // While it waits it has a timer and leaves the queue now; later, undici reports its end through onResponseError.
    if (this.timer !== undefined) this.#settle();
    this.#controller?.abort(reason);
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#pool.leave(this);
  }
}

/** undici's connector, with checked name resolution and the write time-out that undici does not have. */
function connectorFor(
  { url, name, http, uds, tls, lookup }: HttpPoolOptions,
  sockets: Set<Socket>,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: http.connectTimeoutMs,
    ...(uds === undefined ? {} : { socketPath: uds }),
    ...(http.ssrfProtection ? { lookup: guardedLookup(lookup) } : lookup === undefined ? {} : { lookup }),
    ...(tls ?? (http.skipTlsVerify ? { rejectUnauthorized: false } : {})),
  });
  return (options, callback) => {
    // It returns the socket at once, which its types do not say.
    const made: unknown = connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      // Fires when nothing moved in either direction for so long; only a write that is stuck is a reason to end it.
      socket.setTimeout(http.writeTimeoutMs, () => {
        if (socket.writableLength === 0) return;
        socket.destroy(
          new GatechartError(
            'LINK_LOST',
            `${name}: ${url.host} did not take what was sent for ${http.writeTimeoutMs} ms (PLUGINS_HTTPX_WRITE_TIMEOUT).`,
          ),
        );
      });
      callback(null, socket);
    });
    if (!(made instanceof Socket)) return;
    sockets.add(made);
    made.once('close', () => sockets.delete(made));
  };
}
