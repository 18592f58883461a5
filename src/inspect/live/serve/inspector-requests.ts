import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../../errors.js';
import type { Logger } from '../../../observability/logger.js';
import { readBody } from '../../../serving/http/request-body.js';
import { RateLimit } from '../../../serving/http/rate-limit.js';
import type { Clock } from '../../../time/clock.js';
import type { Admission, Admitted } from './admission.js';
import { type Answer, headersOf, jsonAnswer, refusal, send, turnAway } from './answers.js';
import { controlRequestOf, tokenOf } from './control-request.js';
import { type FeedBroadcast, mostRate, mostReaders } from './feed-broadcast.js';
import { inspectorPage, type PagesDependencies } from './inspector-pages.js';
import type { OriginGuard } from './origin-guard.js';
import type { InspectorPage } from './page-file.js';
import { BadRequest, integerIn, RequestQuery } from './request-query.js';

/** Bytes that the body of a request has at most. */
const mostBodyBytes = 4 * 1024;

/** Characters of a URL. */
const longestUrl = 2 * 1024;

/** Requests with a body, of one session; those that are not let in yet count as one. */
const postRate = { perSecond: 10, burst: 10 };

/** What requests are answered with. */
export interface RequestsDependencies extends PagesDependencies {
  readonly guard: OriginGuard;
  readonly admission: Admission;
  readonly feed: FeedBroadcast;
  readonly page: InspectorPage;
  readonly clock: Clock;
  readonly logger: Logger;
}

const recordingPaths: ReadonlySet<string> = new Set(['/step', '/steps', '/until', '/test']);

/** Answers what the page, the terminal and others ask over HTTP. */
export class InspectorRequests {
  readonly #dependencies: RequestsDependencies;
  readonly #posts: RateLimit;

  constructor(dependencies: RequestsDependencies) {
    this.#dependencies = dependencies;
    this.#posts = new RateLimit(postRate, dependencies.clock);
  }

  /** Never throws, and answers exactly once. */
  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { guard, logger } = this.#dependencies;
    if (!guard(request)) return turnAway(response, 403);
    let answer: Answer | undefined;
    try {
      answer = await this.#answer(request, response);
    } catch (error) {
      if (!(error instanceof BadRequest)) logger.error({ error: messageOf(error) }, 'the inspector cannot answer');
      const isTheirs = error instanceof BadRequest;
      answer = refusal(isTheirs ? 400 : 500, isTheirs ? error.message : 'this cannot be answered; the log says why');
    }
    if (answer !== undefined && !response.headersSent) send(response, answer);
  }

  /** Undefined: it is answered as it goes. @throws BadRequest */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const { admission, page } = this.#dependencies;
    const url = urlOf(request.url ?? '');
    if (url === undefined) return refusal(414, `a URL has at most ${longestUrl} characters`);
    const method = this.#methodOf(url.pathname);
    if (method === undefined) return refusal(404, 'there is nothing at this path');
    if (method !== request.method) return refusal(405, `this path takes ${method} only`, { Allow: method });
    if (url.pathname === '/') {
      const headers = { 'Content-Security-Policy': page.policy };
      return { status: 200, type: 'text/html; charset=utf-8', body: page.html, headers };
    }
    if (url.pathname === '/session') return this.#swap(request);
    const admitted = admission.admitted(request.headers.authorization);
    if (admitted === undefined) return notAdmitted('a key is needed: Authorization: Bearer <key of POST /session>');
    if (url.pathname === '/feed') return this.#openFeed(request, response, url);
    if (url.pathname === '/control') return this.#control(request, admitted);
    return (await inspectorPage(this.#dependencies, url)) ?? refusal(404, 'there is nothing at this path');
  }

  #methodOf(path: string): 'GET' | 'POST' | undefined {
    const { recording, control } = this.#dependencies.source;
    if (path === '/session') return 'POST';
    if (path === '/control') return control === undefined ? undefined : 'POST';
    if (recordingPaths.has(path)) return recording === undefined ? undefined : 'GET';
    return ['/', '/feed', '/next', '/invocation'].includes(path) || /^\/charts\/[^/]+$/.test(path) ? 'GET' : undefined;
  }

  async #swap(request: IncomingMessage): Promise<Answer> {
    const body = await this.#bodyOf(request, 'nobody');
    if (typeof body !== 'string') return body;
    const swapped = this.#dependencies.admission.swap(tokenOf(body));
    return swapped === undefined
      ? notAdmitted('this address was used, or is older than 5 minutes; have the process print another one')
      : jsonAnswer(swapped);
  }

  async #control(request: IncomingMessage, { session }: Admitted): Promise<Answer> {
    const body = await this.#bodyOf(request, `session ${session}`);
    if (typeof body !== 'string') return body;
    const { control } = this.#dependencies.source;
    if (control === undefined) return refusal(404, 'there is nothing at this path');
    const answer = await control(controlRequestOf(body), `session ${session}`);
    return jsonAnswer(answer, answer.ok ? 200 : answer.status);
  }

  /** The text of a body of JSON, or why it is not taken. */
  async #bodyOf(request: IncomingMessage, from: string): Promise<string | Answer> {
    const closing = { Connection: 'close' };
    const waitMs = this.#posts.take(from);
    if (waitMs !== undefined) {
      const headers = { ...closing, 'Retry-After': `${Math.ceil(waitMs / 1_000)}` };
      return refusal(429, `${postRate.perSecond} requests a second are taken`, headers);
    }
    if (!/^application\/json(?:; *charset=utf-8)?$/i.test(request.headers['content-type'] ?? ''))
      return refusal(415, 'the body has to be application/json', closing);
    const body = await readBody(request, { maxBytes: mostBodyBytes, hold: () => undefined });
    if (body.kind === 'text') return body.text;
    if (body.kind === 'tooLarge') return refusal(413, `a body has at most ${mostBodyBytes} bytes`, closing);
    return refusal(400, 'the body is not text in UTF-8', closing);
  }

  #openFeed(request: IncomingMessage, response: ServerResponse, url: URL): Answer | undefined {
    const { feed } = this.#dependencies;
    const query = new RequestQuery(url.searchParams, ['rate']);
    const rate = query.optional('rate') === undefined ? mostRate : query.integer('rate', 1, mostRate);
    const { 'last-event-id': last } = request.headers;
    const from = last === undefined ? undefined : integerIn('Last-Event-ID', String(last), 0, Number.MAX_SAFE_INTEGER);
    if (feed.size >= mostReaders)
      return refusal(503, `${mostReaders} read the feed already; close one of them`, { 'Retry-After': '5' });
    response.writeHead(200, headersOf('text/event-stream; charset=utf-8'));
    const sink = {
      write: (text: string) => response.write(text),
      get queued() {
        return response.writableLength;
      },
      end: () => void response.end(),
      destroy: () => void response.destroy(),
    };
    const { drained, leave } = feed.join(sink, { from, rate });
    response.on('drain', drained);
    response.once('close', leave);
    return undefined;
  }
}

/** @throws BadRequest; undefined where it is too long */
function urlOf(text: string): URL | undefined {
  if (text.length > longestUrl) return undefined;
  if (/^\/(?!\/)/.test(text) && URL.canParse(text, 'http://localhost')) return new URL(text, 'http://localhost');
  throw new BadRequest('the URL is not a path');
}

function notAdmitted(error: string): Answer {
  return refusal(401, error, { 'WWW-Authenticate': 'Bearer' });
}
