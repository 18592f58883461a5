import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../context/plain-data.js';
import type { GatechartError } from '../errors.js';
import type { TimerHandle } from '../time/clock.js';
import { eventIdHeader } from './event-id.js';
import { EventStream } from './event-stream.js';
import { GrowingBuffer } from './growing-buffer.js';
import { describeAnswer, isSessionUnknown, mediaType, messagesIn } from './http-answer.js';
import { brokeWhileSending } from './http-connector.js';
import type { Exchange, HttpReceiver, HttpStage } from './http-exchange.js';
import type { HttpSession } from './http-session.js';
import { isAnswer, isErrorAnswer, isIdOf, refusalOfAnswer, type WireMessage } from './json-rpc.js';
import type { MessageOutline } from './message-scanner.js';
import { LinkError, type RequestFate } from './transport.js';
import { textOf } from './utf8-text.js';

const longestShown = 200;
const longestErrorBody = 64 * 1024;
/** Characters from which on servers may refuse a request for its size, some of them by hanging up. */
const largeBody = 1_000_000;
const redirectsFollowed = 5;
const resumptions = 3;
const resumeDelayMs = 1000;
const lingerMs = 1000;
const messageTooLarge = 'message of MCP server is larger than the limit; read past';

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Statuses that may be others soon, for a question that can be asked again. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * How far the message has come; a phase inside one exchange, in which nothing is ever executed twice. Once its answer has
 * begun it was perhaps executed, whatever happens from there on.
 */
type Phase =
  | { kind: 'posting' }
  /** The stream of the answer ended early, and the rest of it is asked for. */
  | { kind: 'resuming'; lastEventId: string; delayMs: number; attempt: number }
  /** What it has come to is told; what still comes is only read past. */
  | { kind: 'answered' };

/** What the server sends just now. */
type Response =
  | { kind: 'none' }
  | { kind: 'redirect' }
  | { kind: 'stream'; stream: EventStream }
  | { kind: 'body'; status: number; headers: IncomingHttpHeaders };

/** What a request that failed at some stage has come to. One that found no free connection is not worth a new link. */
const fateAt: Readonly<Record<HttpStage, RequestFate>> = { queued: 'refused', connecting: 'notSent', sent: 'cutOff' };

/** Hears of one message that is sent. */
export interface PostListener {
  /** It has come to this error; not told of what was answered. At most once, and before `ended`. */
  failed(error: LinkError): void;
  /** Nothing of it is under way any more. */
  ended(): void;
}

/**
 * One message sent with POST, until its answer has come, as JSON or on an event stream. A stream that ends early is
 * resumed where the server gave event ids to resume at. A complete answer that is none is a refusal: only what broke off
 * leaves the outcome open.
 */
export class HttpPost implements HttpReceiver {
  readonly #session: HttpSession;
  readonly #body: string;
  /** The JSON-RPC id an answer is due for. */
  readonly #id: unknown;
  readonly #listener: PostListener;
  #exchange: Exchange | undefined;
  #phase: Phase = { kind: 'posting' };
  #response: Response = { kind: 'none' };
  readonly #kept = new GrowingBuffer();
  /** An event that was no message. */
  #stray: string | undefined;
  #hasSession = false;
  #redirects = 0;
  #timer: TimerHandle | undefined;

  constructor(session: HttpSession, body: string, id: unknown, listener: PostListener) {
    this.#session = session;
    this.#body = body;
    this.#id = id;
    this.#listener = listener;
  }

  start(): void {
    const idleTimeoutMs = this.#session.options.http.readTimeoutMs;
    const request: Parameters<HttpSession['send']>[0] =
      this.#phase.kind === 'resuming'
        ? {
            method: 'GET',
            headers: { accept: 'text/event-stream', 'last-event-id': eventIdHeader(this.#phase.lastEventId) },
            idleTimeoutMs,
          }
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
            body: this.#body,
            idleTimeoutMs,
          };
    this.#response = { kind: 'none' };
    this.#kept.clear();
    this.#hasSession = this.#session.id !== undefined;
    this.#exchange = this.#session.send(request, this);
  }

  /** Ends it; the listener hears nothing more. Returns whether any of it may have reached the server. */
  cancel(): boolean {
    const sent = this.#phase.kind !== 'posting' || this.#exchange?.stage === 'sent';
    this.#session.options.clock.clearTimeout(this.#timer);
    this.#exchange?.cancel();
    this.#session.done(this.#exchange);
    return sent;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#session.keepCookies(headers);
    this.#response = { kind: 'body', status, headers };
    if (redirects.has(status)) {
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
    const response = this.#response;
    if (response.kind === 'stream') {
      if (!response.stream.push(chunk)) this.#tooLarge();
      return;
    }
    if (response.kind === 'none' || this.#phase.kind === 'answered') return;
    const isAnswerBody = response.kind === 'body' && response.status < 300;
    const most = isAnswerBody ? this.#session.options.maxMessageBytes : longestErrorBody;
    if (this.#kept.length + chunk.length <= most) return this.#kept.append(chunk);
    if (isAnswerBody) return this.#tooLarge();
    this.#kept.append(chunk.subarray(0, most - this.#kept.length));
    if (response.kind === 'body') return this.#bodyEnded(response);
    this.#exchange?.cancel();
    this.end();
  }

  end(): void {
    const response = this.#over();
    if (response.kind === 'redirect') return this.start();
    if (this.#phase.kind !== 'answered') {
      if (response.kind === 'stream') this.#interrupted(response, undefined);
      else if (response.kind === 'body') this.#bodyEnded(response);
    }
    if (this.#phase.kind === 'answered') this.#ended();
  }

  failed(error: Error, stage: HttpStage): void {
    const response = this.#over();
    if (this.#phase.kind === 'posting' && this.#body.length >= largeBody && brokeWhileSending(error)) {
      const what = `hung up while ${this.#body.length} characters were sent to it, which may be too many for it`;
      this.#fail(refusedBy(this.#session.tooLarge(what)));
    } else if (this.#phase.kind !== 'answered') this.#broke(response, this.#session.error(error), stage);
    if (this.#phase.kind === 'answered') this.#ended();
  }

  /** The server sends no more. Returns what it has sent. */
  #over(): Response {
    this.#session.done(this.#exchange);
    const response = this.#response;
    this.#response = { kind: 'none' };
    return response;
  }

  #broke(response: Response, why: GatechartError, stage: HttpStage): void {
    const isBroken = why.code === 'LINK_LOST' || why.code === 'TLS_INVALID';
    if (isBroken && (response.kind === 'stream' || this.#phase.kind === 'resuming'))
      return this.#interrupted(response, why);
    // What came whole, and cannot be read, will be no better the next time.
    const fate = stage === 'sent' && !isBroken ? 'refused' : fateAt[stage];
    // A server that cannot be reached will not be for the next request; one connection of many that broke, or one answer
    // that is odd, says nothing about the others.
    if (stage === 'connecting' || why.code === 'SESSION_LOST') this.#session.options.onLost(why, this.#id);
    this.#fail(new LinkError(fate, why.message, { cause: why }));
  }

  #eventStream(): EventStream {
    const { logger, maxMessageBytes, name } = this.#session.options;
    return new EventStream({
      maxEventBytes: maxMessageBytes,
      onMessages: (messages) => this.#take(messages),
      onStray: (data) => {
        this.#stray = data.slice(0, longestShown);
        logger.warn({ connection: name, data: this.#stray }, 'event of MCP server is no JSON-RPC message; ignored');
      },
      onTooLarge: (outline) => this.#messageTooLarge(outline),
    });
  }

  /** The messages of one event or body. */
  #take(messages: readonly WireMessage[]): void {
    const { isAwaited, onMessage } = this.#session.options;
    let unmatched: WireMessage | undefined;
    for (const message of messages) {
      if (isAnswer(message) && isIdOf(message.id, this.#id)) this.#answer(message);
      else if (isErrorAnswer(message) && !isAwaited(message.id)) unmatched ??= message;
      else onMessage(message);
    }
    // Whoever could not read the request could not read its id either.
    if (unmatched !== undefined) this.#answer(unmatched);
  }

  #answer(message: WireMessage): void {
    if (this.#phase.kind === 'answered' || this.#id === undefined) return;
    this.#answered();
    this.#session.options.onMessage(message.id === this.#id ? message : { ...message, id: this.#id });
  }

  /** The server should end its answer now; one that does not must not keep the connection. */
  #answered(): void {
    this.#phase = { kind: 'answered' };
    if (this.#response.kind === 'none') return;
    if (this.#response.kind === 'body') this.#exchange?.skip();
    this.#timer = this.#session.options.clock.setTimeout(() => {
      this.cancel();
      this.#ended();
    }, lingerMs);
  }

  #ended(): void {
    this.#session.options.clock.clearTimeout(this.#timer);
    this.#listener.ended();
  }

  #bodyEnded({ status, headers }: { status: number; headers: IncomingHttpHeaders }): void {
    const text = textOf(this.#kept.take());
    if (status >= 300) return this.#refused(status, headers, text);
    if (this.#id === undefined) return this.#answered();
    this.#take(messagesIn(text));
    if (this.#phase.kind !== 'answered')
      this.#unreadable(`${describeAnswer(status, headers, text)}; expected the JSON-RPC answer`);
  }

  #refused(status: number, headers: IncomingHttpHeaders, text: string): void {
    const session = this.#session;
    const messages = messagesIn(text);
    const result = messages.find(({ id, result }) => isIdOf(id, this.#id) && isRecord(result));
    if (result !== undefined) return this.#answer(result);
    if (this.#hasSession && isSessionUnknown(status, text, this.#id)) {
      const lost = session.lost(`no longer knows our session (status ${status})`);
      session.options.onLost(lost, this.#id);
      return this.#fail(new LinkError('sessionLost', lost.message, { cause: lost }));
    }
    const what = describeAnswer(status, headers, text);
    if (status === 413) return this.#fail(refusedBy(session.tooLarge(what)));
    const error = messages.find(isErrorAnswer);
    if (error !== undefined) return this.#fail(refusalOfAnswer(error));
    const refusal = session.refusal(what);
    if (this.#phase.kind === 'resuming' && passing.has(status)) this.#interrupted({ kind: 'none' }, refusal);
    else this.#fail(refusedBy(refusal));
  }

  /** The stream of the answer ended too early, or could not be resumed this time. */
  #interrupted(response: Response, why: GatechartError | undefined): void {
    if (this.#id === undefined) return this.#answered();
    if (response.kind === 'stream' && response.stream.isReadingPast) return this.#tooLarge();
    const { clock } = this.#session.options;
    const before = this.#phase.kind === 'resuming' ? this.#phase : undefined;
    const stream = response.kind === 'stream' ? response.stream : undefined;
    const lastEventId = stream?.lastEventId ?? before?.lastEventId ?? '';
    const attempt = lastEventId === before?.lastEventId ? before.attempt + 1 : 1;
    if (lastEventId === '' || attempt > resumptions) return this.#endedEarly(stream, why);
    const delayMs = stream?.retryMs ?? before?.delayMs ?? resumeDelayMs;
    this.#exchange?.cancel();
    this.#session.done(this.#exchange);
    this.#phase = { kind: 'resuming', lastEventId, delayMs, attempt };
    this.#timer = clock.setTimeout(() => this.start(), delayMs);
    this.#timer.ref?.();
  }

  #endedEarly(stream: EventStream | undefined, why: GatechartError | undefined): void {
    const what = 'ended the event stream before the answer came';
    // A stream that came to its proper end, and was none from the start or can be resumed nowhere, did not break off.
    if (why === undefined && this.#phase.kind === 'posting') {
      if (stream?.hasUnsendableId === true)
        return this.#unreadable(`${what}, with an event id that cannot be sent back`);
      if (this.#stray !== undefined) return this.#unreadable(`${what}, and sent what is no JSON-RPC: ${this.#stray}`);
      if (stream?.isBlank === true) return this.#unreadable(`${what}, and without any event`);
    }
    const error = why ?? this.#session.breach(what);
    this.#fail(new LinkError('cutOff', error.message, { cause: error }));
  }

  #messageTooLarge(outline: MessageOutline | undefined): void {
    const { isAwaited, logger, maxMessageBytes, name, onRefused } = this.#session.options;
    if (outline?.hasMethod === true) {
      logger.warn({ connection: name, id: outline.id, maxMessageBytes }, messageTooLarge);
    } else if (!isIdOf(outline?.id, this.#id) && isAwaited(outline?.id)) {
      onRefused(outline?.id, this.#answerTooLarge());
    } else this.#tooLarge();
  }

  #tooLarge(): void {
    if (this.#phase.kind === 'answered') return;
    this.#kept.clear();
    this.#answered();
    this.#listener.failed(this.#answerTooLarge());
  }

  #answerTooLarge(): LinkError {
    const { maxMessageBytes } = this.#session.options;
    return refusedBy(this.#session.tooLarge(`sent an answer of more than ${maxMessageBytes} bytes`));
  }

  /** The answer is complete, and none. */
  #unreadable(what: string): void {
    this.#fail(refusedBy(this.#session.breach(what)));
  }

  #fail(error: LinkError): void {
    const { kind } = this.#phase;
    if (kind === 'answered') return;
    this.#answered();
    if (kind === 'posting' || error.fate === 'cutOff') return this.#listener.failed(error);
    const what = `the rest of the answer could not be fetched: ${error.message}`;
    this.#listener.failed(new LinkError('cutOff', what, { cause: error }));
  }
}

function refusedBy(error: GatechartError): LinkError {
  return new LinkError('refused', error.message, { cause: error });
}
