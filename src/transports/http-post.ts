import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../context/plain-data.js';
import type { GatechartError } from '../errors.js';
import type { TimerHandle } from '../time/clock.js';
import { EventStream } from './event-stream.js';
import { describeAnswer, errorIn, mediaType } from './http-answer.js';
import type { Exchange, HttpReceiver, HttpStage } from './http-pool.js';
import type { HttpSession } from './http-session.js';
import { errorOfAnswer, isAnswer, isWireMessage, saysSessionUnknown, type WireMessage } from './json-rpc.js';
import { LinkError, type RequestFate } from './transport.js';

const longestShown = 200;
const longestErrorBody = 64 * 1024;
const redirectsFollowed = 5;
const resumptions = 3;
const resumeDelayMs = 1000;
const lingerMs = 1000;

/** Statuses of a proxy whose server is not there. */
const serverGone: ReadonlySet<number> = new Set([502, 503]);

/** How far the message has come. Once its answer has begun it was perhaps executed, whatever happens from there on. */
type Phase =
  | { kind: 'posting' }
  /** The stream of the answer ended early, and the rest of it is asked for. */
  | { kind: 'resuming'; lastEventId: string; delayMs: number; attempt: number }
  | { kind: 'answered' };

/** What the server sends just now. */
type Response =
  | { kind: 'none' }
  | { kind: 'redirect' }
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
  #phase: Phase = { kind: 'posting' };
  #response: Response = { kind: 'none' };
  #chunks: Buffer[] = [];
  #bytes = 0;
  #redirects = 0;
  #timer: TimerHandle | undefined;

  constructor(session: HttpSession, body: string, id: unknown, settled: (error: LinkError | undefined) => void) {
    this.#session = session;
    this.#body = body;
    this.#id = id;
    this.#settled = settled;
  }

  start(): void {
    const idleTimeoutMs = this.#session.options.http.readTimeoutMs;
    const request: Parameters<HttpSession['send']>[0] =
      this.#phase.kind === 'resuming'
        ? {
            method: 'GET',
            headers: { accept: 'text/event-stream', 'last-event-id': this.#phase.lastEventId },
            idleTimeoutMs,
          }
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
            body: this.#body,
            idleTimeoutMs,
          };
    this.#response = { kind: 'none' };
    this.#chunks = [];
    this.#bytes = 0;
    this.#exchange = this.#session.send(request, this);
  }

  /** Ends it; `settled` hears nothing more. Returns whether any of it may have reached the server. */
  cancel(): boolean {
    const sent = this.#phase.kind !== 'posting' || this.#exchange?.stage === 'sent';
    this.#session.options.clock.clearTimeout(this.#timer);
    this.#exchange?.cancel();
    this.#session.done(this.#exchange);
    return sent;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#response = { kind: 'body', status, headers };
    if (status === 307 || status === 308 || status === 301 || status === 302 || status === 303) {
      this.#session.redirect(status, headers.location);
      if (++this.#redirects > redirectsFollowed)
        throw this.#session.breach(`redirects more than ${redirectsFollowed} times`);
      this.#response = { kind: 'redirect' };
      return;
    }
    if (status >= 300) return;
    const stranger = this.#session.belongs(headers);
    if (stranger !== undefined) throw stranger;
    if (mediaType(headers) === 'text/event-stream') this.#response = { kind: 'stream', stream: this.#eventStream() };
  }

  data(chunk: Buffer): void {
    const { maxMessageBytes } = this.#session.options;
    const response = this.#response;
    if (response.kind === 'stream') {
      if (response.stream.push(chunk)) return;
    } else if (response.kind === 'redirect' || (response.kind === 'body' && response.status >= 300)) {
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
    if (this.#response.kind === 'redirect') this.start();
    else if (this.#response.kind === 'stream') this.#interrupted(undefined);
    else if (this.#response.kind === 'body') this.#bodyEnded(this.#response);
  }

  failed(error: Error, stage: HttpStage): void {
    this.#session.done(this.#exchange);
    this.#session.options.clock.clearTimeout(this.#timer);
    const why = this.#session.error(error);
    const resumable = this.#response.kind === 'stream' || this.#phase.kind === 'resuming';
    if (resumable && why.code === 'LINK_LOST') return this.#interrupted(why);
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
    if (isAnswer(message) && message.id === this.#id) {
      const resumed = this.#phase.kind === 'resuming' && this.#response.kind === 'stream';
      // Said of what the server had taken already, it is no promise that nothing was executed.
      if (resumed && isRecord(message.error) && errorOfAnswer(message).fate === 'sessionLost')
        throw this.#session.lost('ended our session before the rest of the answer came');
      this.#answerCame();
    }
    this.#session.options.onMessage(message);
  }

  /** The server should end the stream now; one that does not must not keep the connection. */
  #answerCame(): void {
    if (this.#phase.kind === 'answered') return;
    this.#phase = { kind: 'answered' };
    if (this.#response.kind !== 'stream') return;
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
    if (this.#phase.kind === 'answered') return this.#settled(undefined);
    this.#breach(this.#session.breach(`${describeAnswer(status, headers, text)}; expected the JSON-RPC answer`));
  }

  #refused(status: number, headers: IncomingHttpHeaders, text: string): void {
    const session = this.#session;
    const why = errorIn(text);
    if (session.id !== undefined && saysSessionUnknown(status, why)) {
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

  /** The stream of the answer ended too early, or could not be resumed this time. */
  #interrupted(why: GatechartError | undefined): void {
    const { clock } = this.#session.options;
    clock.clearTimeout(this.#timer);
    if (this.#phase.kind === 'answered' || this.#id === undefined) return this.#settled(undefined);
    const before = this.#phase.kind === 'resuming' ? this.#phase : undefined;
    const stream = this.#response.kind === 'stream' ? this.#response.stream : undefined;
    const lastEventId = stream?.lastEventId ?? before?.lastEventId;
    const attempt = (before?.attempt ?? 0) + 1;
    if (lastEventId === undefined || attempt > resumptions) {
      const error = why ?? this.#session.breach('ended the event stream before the answer came');
      return this.#fail(new LinkError('cutOff', error.message, { cause: error }));
    }
    const delayMs = stream?.retryMs ?? before?.delayMs ?? resumeDelayMs;
    this.#phase = { kind: 'resuming', lastEventId, delayMs, attempt };
    this.#timer = clock.setTimeout(() => this.start(), delayMs);
    this.#timer.ref?.();
  }

  #breach(error: GatechartError): void {
    this.#fail(new LinkError('cutOff', error.message, { cause: error }));
    this.#session.options.onLost(error);
  }

  #fail(error: LinkError): void {
    if (this.#phase.kind === 'answered') this.#settled(undefined);
    else if (this.#phase.kind === 'posting' || error.fate === 'cutOff') this.#settled(error);
    else {
      const what = `the rest of the answer could not be fetched: ${error.message}`;
      this.#settled(new LinkError('cutOff', what, { cause: error }));
    }
  }
}
