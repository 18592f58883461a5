import { mediaType } from '../../wire/media-type.js';
import type { IncomingMessage } from 'node:http';
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../errors.js';
import { WaitGroup } from '../../time/wait-group.js';
import type { Logger } from '../../observability/logger.js';
import type { HostGuard } from './host-guard.js';
import { bodyTooLarge, busy, type Refusal, refusals, refuse } from './http-answers.js';
import { type HttpExchange, HttpExchanges } from './http-exchange.js';
import { answerHealth, answerPage, type HttpPage, isRead, pageMethodRefused } from './http-page.js';
import type { HttpResponse } from './http-response.js';
import type { McpHttpSession } from './mcp-http-session.js';
import { eraOf, isModern } from '../mcp/era.js';
import { idOf, type Incoming, readIncoming } from '../mcp/incoming-message.js';
import { readBody, skipBody } from './request-body.js';
import type { RequestGate } from './request-gate.js';
import { structureBytesOf } from '../mcp/request-weight.js';
import type { ServerLoad } from '../server-load.js';
import type { SessionTable } from './session-table.js';

export interface HttpRouterDependencies {
  readonly sessions: SessionTable;
  /** Looks at requests to all but `/health`. */
  readonly guard: HostGuard;
  /** What requests to `/mcp` pass before a session is looked for. */
  readonly gate: RequestGate;
  /** By their paths, beside `/mcp` and `/health`. */
  readonly pages: ReadonlyMap<string, HttpPage>;
  readonly maxBodyBytes: number;
  readonly load: ServerLoad;
  readonly logger: Logger;
}

/** Answers HTTP requests: `/mcp`, `/health` and the pages that it is given. */
export class HttpRouter {
  readonly #dependencies: HttpRouterDependencies;
  readonly #exchanges = new HttpExchanges();
  /** Requests that came whole and are not answered. */
  readonly #unanswered = new WaitGroup();
  /** `serving` takes requests; `draining` refuses new ones, and answers those that run. */
  #phase: 'serving' | 'draining' = 'serving';

  constructor(dependencies: HttpRouterDependencies) {
    this.#dependencies = dependencies;
  }

  /** From now on new requests are refused, also those that have not come whole; those that run are answered. */
  drain(): void {
    this.#phase = 'draining';
    this.#dependencies.sessions.drain();
  }

  #isDraining(): boolean {
    return this.#phase === 'draining';
  }

  /** Settles when every call is answered, and the answers are on their way. */
  idle(): Promise<void> {
    return this.#unanswered.idle();
  }

  handle(request: IncomingMessage, response: HttpResponse): void {
    const { logger } = this.#dependencies;
    // Without listeners, trouble with one of them would end the process.
    for (const side of [request, response]) {
      side.on('error', (error) => logger.debug({ error: error.message }, 'an HTTP client broke off'));
    }
    this.#route(this.#exchanges.open(request, response)).catch((error: unknown) => {
      logger.error({ error: messageOf(error) }, 'an HTTP request could not be answered');
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, message: 'Internal Server Error' });
    });
  }

  async #route(exchange: HttpExchange): Promise<void> {
    const { request, response } = exchange;
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path === '/health') {
      skipBody(request);
      return answerHealth(request, response);
    }
    const page = this.#dependencies.pages.get(path);
    if (page !== undefined) return this.#page(page, exchange);
    const refusal = path === '/mcp' || path === '/mcp/' ? await this.#mcp(exchange) : refusals.notFound;
    if (refusal !== undefined) this.#refuse(exchange, refusal, this.#sessionOf(exchange)?.sessionId);
  }

  #refuse(exchange: HttpExchange, refusal: Refusal, sessionId?: string): void {
    if (exchange.isOver) return;
    skipBody(exchange.request);
    refuse(exchange.response, refusal, sessionId);
  }

  async #page(page: HttpPage, exchange: HttpExchange): Promise<void> {
    const { request, response } = exchange;
    const { guard, gate } = this.#dependencies;
    if (!isRead(request)) return this.#refuse(exchange, pageMethodRefused);
    const refusal =
      guard(request.headers) ?? (page.readers === 'client' ? await gate.authenticate(exchange) : undefined);
    if (refusal !== undefined) return this.#refuse(exchange, refusal);
    const content = await page.content(this.#phase);
    if (exchange.isOver) return;
    skipBody(request);
    answerPage(response, content);
  }

  async #mcp(exchange: HttpExchange): Promise<Refusal | undefined> {
    const { request, response } = exchange;
    const { guard, gate } = this.#dependencies;
    const guarded = guard(request.headers);
    if (guarded !== undefined) return guarded;
    if (this.#phase === 'draining') return refusals.shuttingDown;
    if (!gate.isOpen) {
      const refusal = await gate.admit(exchange);
      if (refusal !== undefined || exchange.isOver) return refusal;
      if (this.#isDraining()) return refusals.shuttingDown;
    }
    if (request.method === 'POST') return this.#post(exchange);
    // The newer revision has neither of the others.
    if (isModern(request.headers['mcp-protocol-version'])) return refusals.methodRefused;
    switch (request.method) {
      case 'GET':
        skipBody(request);
        if (!accepts(request, 'text/event-stream')) return refusals.streamNotAcceptable;
        return this.#inSession(exchange, (session) => this.#listen(session, exchange));
      case 'DELETE':
        skipBody(request);
        return this.#inSession(exchange, async (session) => {
          await this.#dependencies.sessions.end(session);
          response.writeHead(200, {
            'content-type': 'application/json',
            'mcp-session-id': session.sessionId,
            'content-length': 0,
          });
          response.end();
          return undefined;
        });
      default:
        return refusals.methodRefused;
    }
  }

  /** Whoever names the last event that they heard waits for an answer; who does not, for what is said unasked. */
  #listen(session: McpHttpSession, exchange: HttpExchange): Refusal | undefined {
    const lastEventId = exchange.request.headers['last-event-id'];
    if (lastEventId === undefined || !session.keepsEvents) return session.openStream(exchange);
    this.#awaitAnswer(exchange);
    return session.resume(String(lastEventId), exchange);
  }

  #awaitAnswer(exchange: HttpExchange): void {
    this.#unanswered.add();
    exchange.whenOver(() => this.#unanswered.done());
  }

  async #post(exchange: HttpExchange): Promise<Refusal | undefined> {
    const { request } = exchange;
    const { load, maxBodyBytes } = this.#dependencies;
    if (!isJson(request)) return refusals.notJson;
    if (!accepts(request, 'application/json', 'text/event-stream')) return refusals.notAcceptable;
    // Whoever has no session stands for himself: what others send without one must keep nobody from opening his.
    const { bytes } = this.#sessionOf(exchange)?.load ?? load.open();
    const body = await readBody(request, { maxBytes: maxBodyBytes, hold: (size) => exchange.hold(bytes, size) });
    if (this.#isDraining()) return refusals.shuttingDown;
    switch (body.kind) {
      case 'gone':
        return undefined;
      case 'tooLarge':
        return bodyTooLarge(maxBodyBytes);
      case 'busy':
        return busy(503, load.tooManyBytes());
      case 'notText':
        return refusals.notText;
      case 'text':
        if (exchange.hold(bytes, structureBytesOf(body.text)) !== undefined) return busy(503, load.tooManyBytes());
        return this.#take(body.text, exchange);
    }
  }

  async #take(text: string, exchange: HttpExchange): Promise<Refusal | undefined> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return refusals.notParsable;
    }
    const era = eraOf(exchange.request.headers, parsed);
    const refusal = era === 'legacy' ? await this.#receive(readIncoming(parsed), exchange) : era;
    return refusal && { ...refusal, id: idOf(parsed) };
  }

  async #receive(incoming: Incoming, exchange: HttpExchange): Promise<Refusal | undefined> {
    if (incoming.kind === 'badRequest' || incoming.kind === 'stray') return refusals.notRpc;
    if (incoming.kind === 'request') {
      this.#awaitAnswer(exchange);
      // Whatever session it names: a client that starts anew may still send the id of one that it has lost.
      if (incoming.request.method === 'initialize' && this.#sessionOf(exchange) === undefined) {
        const opened = await this.#dependencies.sessions.open(exchange.identity);
        return opened === undefined ? refusals.tooManySessions : opened.receive(incoming, exchange);
      }
    }
    return this.#inSession(exchange, (session) => session.receive(incoming, exchange));
  }

  async #inSession(
    exchange: HttpExchange,
    act: (session: McpHttpSession) => Refusal | undefined | Promise<Refusal | undefined>,
  ): Promise<Refusal | undefined> {
    const { request } = exchange;
    if (!namesSession(request)) return refusals.noSession;
    const session = this.#sessionOf(exchange);
    if (session === undefined) return refusals.sessionUnknown;
    const version = request.headers['mcp-protocol-version'];
    return version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(String(version))
      ? act(session)
      : refusals.versionUnknown;
  }

  #sessionOf({ request, identity }: HttpExchange): McpHttpSession | undefined {
    const id = request.headers['mcp-session-id'];
    return typeof id === 'string' ? this.#dependencies.sessions.get(id, identity) : undefined;
  }
}

/** An empty header names none. */
function namesSession({ headers }: IncomingMessage): boolean {
  return headers['mcp-session-id'] !== undefined && headers['mcp-session-id'] !== '';
}

function isJson(request: IncomingMessage): boolean {
  return mediaType(request.headers['content-type']) === 'application/json';
}

/** Whether a client takes answers of all these types. */
function accepts({ headers }: IncomingMessage, ...types: readonly string[]): boolean {
  const accepted = (headers.accept ?? '').split(',').map(mediaType);
  return types.every((type) => {
    const wildcard = `${type.split('/', 1)[0]}/*`;
    return accepted.some((name) => name === type || name === wildcard || name === '*/*');
  });
}
