import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import type { GatechartError } from '../errors.js';
import type { TimerHandle } from '../time/clock.js';
import { EventStream } from './event-stream.js';
import type { Exchange, HttpReceiver, HttpStage } from './http-pool.js';
import type { HttpSession } from './http-session.js';
import { errorOfAnswer, isRecord, isWireMessage, saysSessionUnknown, type WireMessage } from './json-rpc.js';
import { LinkError, type RequestFate } from './transport.js';

const longestShown = 200;
const longestErrorBody = 64 * 1024;
const redirectsFollowed = 5;
const resumptions = 3;
const resumeDelayMs = 1000;
const lingerMs = 1000;

/** Statuses of a proxy whose server is not there. */
const serverGone: ReadonlySet<number> = new Set([502, 503]);

type Answer =
  | { kind: 'none' }
  | { kind: 'stream'; stream: EventStream }
  | { kind: 'body'; status: number; headers: IncomingHttpHeaders };

/** What a request that failed at some stage has come to. One that found no free connection is not worth a new link. */
const fateAt: Readonly<Record<HttpStage, RequestFate>> = { queued: 'refused', connecting: 'notSent', sent: 'cutOff' };

/**
 * One message sent with POST, until its answer has come, as JSON or on an event stream. A stream that ends early is
 * resumed where the server gave event ids to resume at. `settled` hears how it ended, once: without an error when the
 * answer has come, or none was due.
 */
export class HttpPost implements HttpReceiver {
  readonly #session: HttpSession;
  readonly #body: string;
  /** The JSON-RPC id an answer is due for. */
  readonly #id: unknown;
  readonly #settled: (error: LinkError | undefined) => void;
  #exchange: Exchange | undefined;
  #answer: Answer = { kind: 'none' };
  #answered = false;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #redirects = 0;
  #redirected = false;
  #resumed = 0;
  #timer: TimerHandle | undefined;

  constructor(session: HttpSession, body: string, id: unknown, settled: (error: LinkError | undefined) => void) {
    this.#session = session;
    this.#body = body;
    this.#id = id;
    this.#settled = settled;
  }

  start(): void {
    this.#exchange = this.#session.send(
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: this.#body,
        idleTimeoutMs: this.#session.options.http.readTimeoutMs,
      },
      this,
    );
  }

  /** Ends it; `settled` hears nothing more. Returns whether any of it may have reached the server. */
  cancel(): boolean {
    const sent = this.#resumed > 0 || this.#exchange?.stage === 'sent';
    this.#session.options.clock.clearTimeout(this.#timer);
    this.#exchange?.cancel();
    this.#session.done(this.#exchange);
    return sent;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#answer = { kind: 'body', status, headers };
    if (status === 307 || status === 308 || status === 301 || status === 302 || status === 303) {
      this.#session.redirect(status, headers.location);
      if (++this.#redirects > redirectsFollowed)
        throw this.#session.breach(`redirects more than ${redirectsFollowed} times`);
      this.#redirected = true;
      return;
    }
    if (status >= 300) return;
    const stranger = this.#session.belongs(headers);
    if (stranger !== undefined) throw stranger;
    if (mediaType(headers) === 'text/event-stream') this.#answer = { kind: 'stream', stream: this.#eventStream() };
  }

  data(chunk: Buffer): void {
    const { maxMessageBytes } = this.#session.options;
    if (this.#answer.kind === 'stream') {
      if (this.#answer.stream.push(chunk)) return;
    } else if (this.#answer.kind === 'body' && this.#answer.status >= 300) {
      this.#keep(chunk);
      if (this.#bytes < longestErrorBody) return;
      this.#exchange?.cancel();
      return this.end();
    } else {
      this.#keep(chunk);
      if (this.#bytes <= maxMessageBytes) return;
    }
    this.#chunks = [];
    throw this.#session.breach(`sent an answer of more than ${maxMessageBytes} bytes`);
  }

  end(): void {
    this.#session.done(this.#exchange);
    if (this.#redirected) {
      this.#redirected = false;
      this.#chunks = [];
      this.#bytes = 0;
      this.start();
      return;
    }
    if (this.#answer.kind === 'stream') this.#streamEnded(undefined);
    else if (this.#answer.kind === 'body') this.#bodyEnded(this.#answer);
  }

  failed(error: Error, stage: HttpStage): void {
    this.#session.done(this.#exchange);
    this.#session.options.clock.clearTimeout(this.#timer);
    const why = this.#session.error(error);
    if (this.#answer.kind === 'stream' && why.code === 'LINK_LOST') return this.#streamEnded(why);
    this.#fail(new LinkError(fateAt[stage], why.message, { cause: why }));
    // A server that cannot be reached, is not MCP or answers for another session will not be better for the next request;
    // one connection of many that broke says nothing about the others.
    if (stage === 'connecting' || (stage === 'sent' && why.code !== 'LINK_LOST')) this.#session.options.onLost(why);
  }

  #eventStream(): EventStream {
    const { logger, maxMessageBytes, name } = this.#session.options;
    return new EventStream({
      maxEventBytes: maxMessageBytes,
      onMessage: (message) => this.#message(message),
      onStray: (data) =>
        logger.warn(
          { connection: name, data: data.slice(0, longestShown) },
          'event of MCP server is no JSON-RPC message; ignored',
        ),
    });
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  #message(message: WireMessage): void {
    if (message.method === undefined && message.id === this.#id) this.#answerCame();
    this.#session.options.onMessage(message);
  }

  /** The server should end the stream now; one that does not must not keep the connection. */
  #answerCame(): void {
    if (this.#answered || this.#answer.kind !== 'stream') {
      this.#answered = true;
      return;
    }
    this.#answered = true;
    this.#timer = this.#session.options.clock.setTimeout(() => {
      this.cancel();
      this.#settled(undefined);
    }, lingerMs);
  }

  #bodyEnded({ status, headers }: { status: number; headers: IncomingHttpHeaders }): void {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    this.#chunks = [];
    if (status >= 300) return this.#refused(status, headers, text);
    if (this.#id === undefined) return this.#settled(undefined);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) if (isWireMessage(message)) this.#message(message);
    if (this.#answered) return this.#settled(undefined);
    this.#breach(this.#session.breach(`${describeAnswer(status, headers, text)}; expected the JSON-RPC answer`));
  }

  #refused(status: number, headers: IncomingHttpHeaders, text: string): void {
    const session = this.#session;
    const why = errorIn(text);
    if (session.id !== undefined && (status === 404 || (why !== undefined && saysSessionUnknown(why.message)))) {
      const lost = session.lost(`no longer knows our session (status ${status})`);
      this.#fail(new LinkError('sessionLost', lost.message, { cause: lost }));
      return session.options.onLost(lost);
    }
    if (why !== undefined) return this.#fail(why);
    const refusal = session.refusal(describeAnswer(status, headers, text));
    const fate = serverGone.has(status) || status === 504 ? 'cutOff' : 'refused';
    this.#fail(new LinkError(fate, refusal.message, { cause: refusal }));
    if (serverGone.has(status)) session.options.onLost(refusal);
  }

  #streamEnded(why: GatechartError | undefined): void {
    this.#session.options.clock.clearTimeout(this.#timer);
    if (this.#answered || this.#id === undefined) return this.#settled(undefined);
    const stream = this.#answer.kind === 'stream' ? this.#answer.stream : undefined;
    if (stream?.lastEventId !== undefined && this.#resumed < resumptions)
      return this.#resume(stream.lastEventId, stream.retryMs);
    const error = why ?? this.#session.breach('ended the event stream before the answer came');
    this.#fail(new LinkError('cutOff', error.message, { cause: error }));
  }

  #resume(lastEventId: string, retryMs: number | undefined): void {
    const { clock, http } = this.#session.options;
    this.#resumed++;
    this.#timer = clock.setTimeout(() => {
      this.#exchange = this.#session.send(
        {
          method: 'GET',
          headers: { accept: 'text/event-stream', 'last-event-id': lastEventId },
          idleTimeoutMs: http.readTimeoutMs,
        },
        this,
      );
    }, retryMs ?? resumeDelayMs);
    this.#timer.ref?.();
  }

  #breach(error: GatechartError): void {
    this.#fail(new LinkError('cutOff', error.message, { cause: error }));
    this.#session.options.onLost(error);
  }

  #fail(error: LinkError): void {
    if (this.#answered) this.#settled(undefined);
    else this.#settled(error);
  }
}

export function mediaType(headers: IncomingHttpHeaders): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function errorIn(text: string): LinkError | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isWireMessage(parsed) && isRecord(parsed.error) ? errorOfAnswer(parsed) : undefined;
  } catch {
    return undefined;
  }
}

function describeAnswer(status: number, headers: IncomingHttpHeaders, text: string): string {
  const type = mediaType(headers) || 'no content type';
  const start = text.trim().replaceAll(/\s+/g, ' ').slice(0, longestShown);
  return `answered ${status} ${STATUS_CODES[status] ?? ''} with ${type}${start === '' ? ' and no content' : `: ${start}`}`;
}
