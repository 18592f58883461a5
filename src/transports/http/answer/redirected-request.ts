import type { IncomingHttpHeaders } from 'node:http';
import type { HttpClientSession } from '../http-client-session.js';
import type { HttpReceiver, HttpRequest, HttpStage, RunningExchange } from '../dispatch/http-exchange.js';

const redirectsFollowed = 5;
const longestBody = 64 * 1024;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A request that goes where redirects lead. Its receiver hears the last answer alone. */
export class RedirectedRequest implements HttpReceiver {
  readonly #session: HttpClientSession;
  readonly #request: Omit<HttpRequest, 'path'>;
  readonly #receiver: HttpReceiver;
  #redirects = 0;
  /** Bytes of the body of a redirect; undefined while there is none. */
  #redirectBytes: number | undefined;
  /** The latest one. */
  exchange: RunningExchange | undefined;

  constructor(session: HttpClientSession, request: Omit<HttpRequest, 'path'>, receiver: HttpReceiver) {
    this.#session = session;
    this.#request = request;
    this.#receiver = receiver;
  }

  start(): void {
    this.#redirectBytes = undefined;
    this.exchange = this.#session.send(this.#request, this);
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (!redirects.has(status)) return this.#receiver.head(status, headers);
    this.#session.keepCookies(headers);
    this.#session.redirect(status, headers.location);
    if (++this.#redirects > redirectsFollowed)
      throw this.#session.protocolError(`redirects more than ${redirectsFollowed} times`);
    this.#redirectBytes = 0;
  }

  data(chunk: Buffer): void {
    if (this.#redirectBytes === undefined) return this.#receiver.data(chunk);
    this.#redirectBytes += chunk.length;
    if (this.#redirectBytes <= longestBody) return;
    this.exchange?.cancel();
    this.start();
  }

  end(): void {
    if (this.#redirectBytes === undefined) this.#receiver.end();
    else this.start();
  }

  failed(error: Error, stage: HttpStage): void {
    // A redirect that broke off has said where to go.
    if (this.#redirectBytes !== undefined && this.#session.isBroken(error)) this.start();
    else this.#receiver.failed(error, stage);
  }
}
