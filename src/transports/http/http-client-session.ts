import type { IncomingHttpHeaders } from 'node:http';
import { GatechartError } from '../../errors.js';
import { deferred } from '../../time/deferred.js';
import { within } from '../../time/within.js';
import { checkUrl, shownUrl } from './address-guard.js';
import { AuthorizedExchange } from './authorized-exchange.js';
import { HttpCookies } from './http-cookies.js';
import type { HttpTransportOptions } from './http-options.js';
import { httpError } from './dispatch/http-errors.js';
import type { HttpReceiver, HttpRequest, RunningExchange } from './dispatch/http-exchange.js';
import type { HttpDispatcher } from './dispatch/http-dispatcher.js';
import type { PostedMessage } from './answer/posted-message.js';
import type { WireMessage } from '../mcp/json-rpc.js';
import type { LinkError } from '../transport.js';

export interface HttpClientSessionOptions
  extends Pick<
    HttpTransportOptions,
    'name' | 'http' | 'logger' | 'clock' | 'random' | 'actors' | 'authorization' | 'headers'
  > {
  readonly url: URL;
  readonly maxMessageBytes: number;
  readonly dispatcher: HttpDispatcher;
  /** Hears every message of the server, and in response to which message of ours it came, if to any. */
  readonly onMessage: (message: WireMessage, inResponseTo: PostedMessage | undefined) => void;
  /** Something came on a stream: it may be keep-alive, while an answer is not there yet. */
  readonly onTraffic: () => void;
  /** Whether a request waits for the answer with this id. */
  readonly isAwaited: (id: unknown) => boolean;
  /** Whether an id is one that was given to a request of this session, whoever waits for it or does not any more. */
  readonly isOurs: (id: unknown) => boolean;
  /** An answer was too large to be read; the request with this id, if it waits for one, comes to `error`. */
  readonly onRefused: (id: unknown, error: LinkError) => void;
  /**
   * No new request will come to a good end on this session; others under way may. Told before the request, by its id, that
   * showed it comes to its own end.
   */
  readonly onLost: (error: GatechartError, request?: unknown) => void;
}

/** The headers that a request had, and what they were made of. */
interface SentHeaders {
  readonly asked: HttpRequest['headers'];
  readonly authorization: string | undefined;
  readonly id: string | undefined;
  readonly protocolVersion: string | undefined;
  readonly cookies: string;
  readonly headers: HttpRequest['headers'];
}

function pathOf({ pathname, search }: URL): string {
  return pathname + search;
}

/** What all requests of one MCP session have in common: where they go, the headers they carry, who is told of trouble. */
export class HttpClientSession {
  readonly options: HttpClientSessionOptions;
  id: string | undefined;
  protocolVersion: string | undefined;
  #url: URL;
  /** With query. */
  #path: string;
  #lastHeaders: SentHeaders | undefined;
  readonly #cookies = new HttpCookies();

  constructor(options: HttpClientSessionOptions) {
    this.options = options;
    this.#url = options.url;
    this.#path = pathOf(options.url);
  }

  get target(): string {
    return shownUrl(this.#url);
  }

  send(request: Omit<HttpRequest, 'path'>, receiver: HttpReceiver): RunningExchange {
    const { authorization, name } = this.options;
    if (authorization === undefined) return this.#send(request, undefined, receiver);
    const options = {
      name,
      target: this.target,
      authorization,
      // The end of a session is told once, and in a hurry.
      mayRepeat: request.method !== 'DELETE',
      send: (header: string | undefined, hearer: HttpReceiver) => this.#send(request, header, hearer),
      keepCookies: (headers: IncomingHttpHeaders) => this.keepCookies(headers),
    };
    return new AuthorizedExchange(options, receiver);
  }

  #send(
    request: Omit<HttpRequest, 'path'>,
    authorization: string | undefined,
    receiver: HttpReceiver,
  ): RunningExchange {
    const headers = this.#headersFor(request.headers, authorization);
    return this.options.dispatcher.send({ ...request, headers, path: this.#path }, receiver);
  }

  /** The headers of a request, those of the last one again where nothing has changed: nearly all have the same. */
  #headersFor(asked: HttpRequest['headers'], authorization: string | undefined): HttpRequest['headers'] {
    const { id, protocolVersion } = this;
    const cookies = this.#cookies.headerFor(this.#url);
    const last = this.#lastHeaders;
    if (
      last?.asked === asked &&
      last.authorization === authorization &&
      last.id === id &&
      last.protocolVersion === protocolVersion &&
      last.cookies === cookies
    )
      return last.headers;
    const headers: Record<string, string> = { ...this.options.headers, 'accept-encoding': 'identity', ...asked };
    if (authorization !== undefined) headers['authorization'] = authorization;
    if (cookies !== '')
      headers['cookie'] = headers['cookie'] === undefined ? cookies : `${headers['cookie']}; ${cookies}`;
    if (id !== undefined) headers['mcp-session-id'] = id;
    if (protocolVersion !== undefined) headers['mcp-protocol-version'] = protocolVersion;
    this.#lastHeaders = { asked, authorization, id, protocolVersion, cookies, headers };
    return headers;
  }

  #goTo(url: URL): void {
    this.#url = url;
    this.#path = pathOf(url);
  }

  /** Keeps the cookies of an answer, for as long as the session lasts and for where they are meant. */
  keepCookies(headers: IncomingHttpHeaders): void {
    if (headers['set-cookie'] !== undefined) this.#cookies.keep(headers, this.#url);
  }

  /** Tells the server that the session is over, and gives it `ms` milliseconds to hear of it. */
  async end(ms: number): Promise<void> {
    if (this.id === undefined) return;
    const { clock, logger, name } = this.options;
    const confirmed = deferred();
    const sent = this.send(
      { method: 'DELETE', headers: {}, idleTimeoutMs: ms },
      { head() {}, data() {}, end: confirmed.resolve, failed: () => confirmed.resolve() },
    );
    if ((await within(confirmed.promise, ms, clock)) === undefined)
      logger.debug({ connection: name }, 'MCP server did not confirm the end of the session');
    sent.cancel();
  }

  error(error: unknown): GatechartError {
    return httpError(error, { name: this.options.name, target: this.target, http: this.options.http });
  }

  /** Whether it was the connection that broke, so that more may come on another one. */
  isBroken(error: unknown): boolean {
    const { code } = this.error(error);
    return code === 'LINK_LOST' || code === 'TLS_INVALID';
  }

  protocolError(what: string): GatechartError {
    return this.#error('PROTOCOL_ERROR', what);
  }

  refusal(what: string): GatechartError {
    return this.#error('CALL_REFUSED', what);
  }

  lost(what: string): GatechartError {
    return this.#error('SESSION_LOST', what);
  }

  linkLost(what: string): GatechartError {
    return this.#error('LINK_LOST', what);
  }

  tooLarge(what: string): GatechartError {
    return this.#error('MESSAGE_TOO_LARGE', what);
  }

  /**
   * Takes the session that an answer belongs to: ours is the first one that is named.
   *
   * @throws GatechartError SESSION_LOST for another one
   */
  adopt(headers: IncomingHttpHeaders): void {
    const named = headers['mcp-session-id'];
    if (typeof named !== 'string' || named === this.id) return;
    if (this.id !== undefined) throw this.lost('the answer came from another session than the one that asked');
    this.id = named;
  }

  /**
   * Where a redirect leads. Only paths on the same origin are followed, and only redirects that keep the method: an
   * origin elsewhere would be handed the session, the payload and the credentials that were meant for this one.
   *
   * @throws GatechartError PROTOCOL_ERROR, ADDRESS_REFUSED
   */
  redirect(status: number, location: unknown): void {
    if (typeof location !== 'string') throw this.protocolError(`answered ${status} without a Location`);
    const to = checkUrl(location, { ...this.options.http, base: this.#url });
    if (to.origin !== this.#url.origin) {
      throw this.protocolError(
        `redirects to ${shownUrl(to)}, which is another origin; if that is right, configure it as url`,
      );
    }
    if (status !== 307 && status !== 308) {
      throw this.protocolError(
        `redirects to ${shownUrl(to)} with status ${status}, which would drop the request's body; configure that as url`,
      );
    }
    this.#goTo(to);
  }

  /**
   * From now on requests go to the address that the server names; only one on the same origin is taken.
   *
   * @throws GatechartError PROTOCOL_ERROR, ADDRESS_REFUSED
   */
  moveTo(address: string): void {
    const to = checkUrl(address, { ...this.options.http, base: this.#url });
    if (to.origin !== this.#url.origin)
      throw this.protocolError(`wants messages to be sent to ${shownUrl(to)}, which is another origin`);
    this.#goTo(to);
  }

  #error(
    code: 'LINK_LOST' | 'PROTOCOL_ERROR' | 'CALL_REFUSED' | 'SESSION_LOST' | 'MESSAGE_TOO_LARGE',
    what: string,
  ): GatechartError {
    const { name } = this.options;
    return new GatechartError(code, `${name}: ${this.target} ${what}.`, { details: { connection: name } });
  }
}
