import type { IncomingHttpHeaders } from 'node:http';
import type { HttpClientSettings } from '../config/plugin-config.js';
import { GatechartError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import { checkUrl, shownUrl } from './address-guard.js';
import { httpError } from './http-errors.js';
import type { Exchange, HttpPool, HttpReceiver, HttpRequest } from './http-pool.js';
import type { WireMessage } from './json-rpc.js';

export interface HttpSessionOptions {
  readonly name: string;
  readonly url: URL;
  readonly http: HttpClientSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  readonly pool: HttpPool;
  /** Hears every message of the server. */
  readonly onMessage: (message: WireMessage) => void;
  /** Something came on the stream on which a server says things unasked. */
  readonly onTraffic: () => void;
  /** The server can no longer be talked to on this session. */
  readonly onLost: (error: GatechartError) => void;
}

/** What all requests of one MCP session have in common: where they go, the headers they carry, who is told of trouble. */
export class HttpSession {
  readonly options: HttpSessionOptions;
  id: string | undefined;
  protocolVersion: string | undefined;
  #url: URL;
  readonly #running = new Set<Exchange>();

  constructor(options: HttpSessionOptions) {
    this.options = options;
    this.#url = options.url;
  }

  get target(): string {
    return shownUrl(this.#url);
  }

  send(
    request: Omit<HttpRequest, 'path' | 'headers'> & { readonly headers: Record<string, string> },
    receiver: HttpReceiver,
  ): Exchange {
    const headers: Record<string, string> = { ...request.headers };
    if (this.id !== undefined) headers['mcp-session-id'] = this.id;
    if (this.protocolVersion !== undefined) headers['mcp-protocol-version'] = this.protocolVersion;
    const exchange = this.options.pool.send(
      { ...request, headers, path: this.#url.pathname + this.#url.search },
      receiver,
    );
    if (!exchange.settled) this.#running.add(exchange);
    return exchange;
  }

  done(exchange: Exchange | undefined): void {
    if (exchange !== undefined) this.#running.delete(exchange);
  }

  cancelAll(): void {
    for (const exchange of this.#running) exchange.cancel();
    this.#running.clear();
  }

  error(error: unknown): GatechartError {
    return httpError(error, { name: this.options.name, target: this.target, http: this.options.http });
  }

  breach(what: string): GatechartError {
    return this.#error('PROTOCOL_ERROR', what);
  }

  refusal(what: string): GatechartError {
    return this.#error('CALL_REFUSED', what);
  }

  lost(what: string): GatechartError {
    return this.#error('SESSION_LOST', what);
  }

  /** The session an answer belongs to: the first one that is named. Returns the error when it is another one. */
  belongs(headers: IncomingHttpHeaders): GatechartError | undefined {
    const named = headers['mcp-session-id'];
    if (typeof named !== 'string' || named === this.id) return undefined;
    if (this.id !== undefined) return this.lost('the answer came from another session than the one that asked');
    this.id = named;
    return undefined;
  }

  /**
   * Where a redirect leads. Only paths on the same origin are followed, and only redirects that keep the method: an
   * origin elsewhere would be handed the session, the payload and the credentials that were meant for this one.
   *
   * @throws GatechartError PROTOCOL_ERROR, ADDRESS_REFUSED
   */
  redirect(status: number, location: unknown): void {
    if (typeof location !== 'string') throw this.breach(`answered ${status} without a Location`);
    const to = checkUrl(location, { ssrfProtection: this.options.http.ssrfProtection, base: this.#url });
    if (to.origin !== this.#url.origin) {
      throw this.breach(`redirects to ${shownUrl(to)}, which is another origin; if that is right, configure it as url`);
    }
    if (status !== 307 && status !== 308) {
      throw this.breach(
        `redirects to ${shownUrl(to)} with status ${status}, which would drop the request's body; configure that as url`,
      );
    }
    this.#url = to;
  }

  #error(code: 'PROTOCOL_ERROR' | 'CALL_REFUSED' | 'SESSION_LOST', what: string): GatechartError {
    const { name } = this.options;
    return new GatechartError(code, `${name}: ${this.target} ${what}.`, { details: { connection: name } });
  }
}
