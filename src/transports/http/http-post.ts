import { mediaType } from '../../wire/media-type.js';
import type { IncomingHttpHeaders } from 'node:http';
import type { TimerHandle } from '../../time/clock.js';
import type { EventStream } from './event-stream.js';
import { GrowingBuffer } from '../../wire/framing/growing-buffer.js';
import { describeAnswer } from './http-answer.js';
import { AnswerFinder, type AnswerListener, answerTooLarge, refusedBy } from './http-answer-finder.js';
import { brokeWhileSending } from './http-connector.js';
import type { Exchange, HttpReceiver, HttpStage } from './http-exchange.js';
import { readRefusal } from './http-refusal.js';
import { nextResumption, oddEnd, type Resumption } from './http-resumption.js';
import type { HttpSession } from './http-session.js';
import { messagesIn, type WireMessage } from '../mcp/json-rpc.js';
import { type PostedMessage, postOf, streamAfter } from './posted-message.js';
import { LinkError, type RequestOutcome } from '../transport.js';
import { textOf } from '../../wire/framing/utf8-text.js';

const longestErrorBody = 64 * 1024;
/** Characters from which on servers may refuse a request for its size, some of them by hanging up. */
const largeBody = 1_000_000;
const redirectsFollowed = 5;
const lingerMs = 1000;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * How far the message has come; a phase inside one exchange, in which nothing is ever executed twice. Once its answer has
 * begun it was perhaps executed, whatever happens from there on.
 */
type Phase =
  | { kind: 'posting' }
  /** The stream of the answer ended early, and the rest of it is asked for. */
  | ({ kind: 'resuming' } & Resumption)
  /** What it has come to is told; what still comes is only read past. */
  | { kind: 'answered' };

/** What the server sends just now. */
type Response = { kind: 'none' } | { kind: 'redirect' } | { kind: 'stream'; stream: EventStream } | Body;
type Body = { kind: 'body'; status: number; headers: IncomingHttpHeaders };

/** What a request that failed at some stage has come to. One that found no free connection is not worth a new link. */
const outcomeAt: Readonly<Record<HttpStage, RequestOutcome>> = {
  queued: 'refused',
  connecting: 'notSent',
  sent: 'cutOff',
};

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
export class HttpPost implements HttpReceiver, AnswerListener {
  readonly #session: HttpSession;
  readonly #message: PostedMessage;
  readonly #listener: PostListener;
  #exchange: Exchange | undefined;
  #phase: Phase = { kind: 'posting' };
  #response: Response = { kind: 'none' };
  readonly #kept = new GrowingBuffer();
  readonly #finder: AnswerFinder;
  #hasSession = false;
  #redirects = 0;
  #timer: TimerHandle | undefined;

  constructor(session: HttpSession, message: PostedMessage, listener: PostListener) {
    this.#session = session;
    this.#message = message;
    this.#listener = listener;
    this.#finder = new AnswerFinder(session, message.id, this);
  }

  start(): void {
    const { readTimeoutMs } = this.#session.options.http;
    const request =
      this.#phase.kind === 'resuming'
        ? streamAfter(this.#phase.lastEventId, readTimeoutMs)
        : postOf(this.#message, readTimeoutMs);
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
    if (mediaType(headers['content-type']) === 'text/event-stream')
      this.#response = { kind: 'stream', stream: this.#finder.eventStream() };
    // Nothing is due, and a stream may stay open for ever.
    if (this.#message.id === undefined) this.#conclude();
  }

  data(chunk: Buffer): void {
    const response = this.#response;
    if (response.kind === 'stream') {
      this.#session.options.onTraffic();
      if (!response.stream.push(chunk)) this.tooLarge();
      return;
    }
    if (response.kind === 'none' || this.#phase.kind === 'answered') return;
    const isAnswerBody = response.kind === 'body' && response.status < 300;
    const most = isAnswerBody ? this.#session.options.maxMessageBytes : longestErrorBody;
    if (this.#kept.length + chunk.length <= most) return this.#kept.append(chunk);
    if (isAnswerBody) return this.tooLarge();
    this.#kept.append(chunk.subarray(0, most - this.#kept.length));
    if (response.kind === 'body') return this.#bodyEnded(response);
    this.#exchange?.cancel();
    this.end();
  }

  end(): void {
    const response = this.#over();
    if (response.kind === 'redirect') return this.start();
    if (this.#phase.kind !== 'answered') this.#readAll(response);
    if (this.#phase.kind === 'answered') this.#ended();
  }

  failed(error: Error, stage: HttpStage): void {
    const response = this.#over();
    if (this.#phase.kind !== 'answered') this.#broke(response, error, stage);
    if (this.#phase.kind === 'answered') this.#ended();
  }

  /** @internal */
  answered(message: WireMessage): void {
    if (this.#phase.kind === 'answered' || this.#message.id === undefined) return;
    this.#conclude();
    this.#session.options.onMessage(message.id === this.#message.id ? message : { ...message, id: this.#message.id });
  }

  /** @internal */
  tooLarge(): void {
    if (this.#phase.kind === 'answered') return;
    this.#kept.clear();
    this.#conclude();
    this.#listener.failed(answerTooLarge(this.#session));
  }

  /** The server sends no more. Returns what it has sent. */
  #over(): Response {
    this.#session.done(this.#exchange);
    const response = this.#response;
    this.#response = { kind: 'none' };
    return response;
  }

  #readAll(response: Response): void {
    if (response.kind === 'body') this.#bodyEnded(response);
    else if (response.kind === 'stream') {
      response.stream.end();
      this.#interrupted(response.stream, undefined);
    }
  }

  #broke(response: Response, error: Error, stage: HttpStage): void {
    const isSending = this.#phase.kind === 'posting' && response.kind === 'none';
    if (isSending && this.#message.body.length >= largeBody && brokeWhileSending(error)) {
      const what = `hung up while ${this.#message.body.length} characters were sent to it, which may be too many for it`;
      return this.#fail(refusedBy(this.#session.tooLarge(what)));
    }
    const why = this.#session.error(error);
    const isBroken = why.code === 'LINK_LOST' || why.code === 'TLS_INVALID';
    if (isBroken && this.#saidEnough(response)) return;
    if (isBroken && (response.kind === 'stream' || this.#phase.kind === 'resuming'))
      return this.#interrupted(response.kind === 'stream' ? response.stream : undefined, why);
    // What came whole, and cannot be read, will be no better the next time.
    const outcome = stage === 'sent' && !isBroken ? 'refused' : outcomeAt[stage];
    // A server that cannot be reached will not be for the next request; one connection of many that broke, or one answer
    // that is odd, says nothing about the others.
    if (stage === 'connecting' || why.code === 'SESSION_LOST') this.#session.options.onLost(why, this.#message.id);
    this.#fail(new LinkError(outcome, why.message, { cause: why }));
  }

  /** Whether a response that broke off had told by then what the message has come to: by its status, or all but its end. */
  #saidEnough(response: Response): boolean {
    switch (response.kind) {
      case 'none':
        return false;
      case 'redirect':
        this.start();
        return true;
      case 'stream':
        response.stream.end();
        return this.#phase.kind === 'answered';
      case 'body':
        if (response.status >= 300) this.#refused(response);
        else this.#finder.take(messagesIn(textOf(this.#kept.take())));
        return response.status >= 300 || this.#phase.kind === 'answered';
    }
  }

  /** The server should end its answer now; one that does not must not keep the connection. */
  #conclude(): void {
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

  #bodyEnded(response: Body): void {
    if (response.status >= 300) return this.#refused(response);
    const text = textOf(this.#kept.take());
    this.#finder.take(messagesIn(text));
    if (this.#phase.kind !== 'answered')
      this.#unreadable(`${describeAnswer(response.status, response.headers, text)}; expected the JSON-RPC answer`);
  }

  #refused(response: Body): void {
    const text = textOf(this.#kept.take());
    const request = { id: this.#message.id, hasSession: this.#hasSession };
    const refusal = readRefusal(this.#session, request, { ...response, text });
    if (refusal.kind === 'result') return this.answered(refusal.message);
    if (refusal.kind === 'refused' && refusal.mayPass && this.#phase.kind === 'resuming')
      return this.#interrupted(undefined, refusal.error);
    if (refusal.kind === 'refused') return this.#fail(refusal.error);
    this.#session.options.onLost(refusal.lost, this.#message.id);
    this.#fail(new LinkError('sessionLost', refusal.lost.message, { cause: refusal.lost }));
  }

  /** The stream of the answer ended too early, or could not be resumed this time. */
  #interrupted(stream: EventStream | undefined, why: Error | undefined): void {
    if (this.#phase.kind === 'answered') return;
    if (stream?.isReadingPast === true) return this.tooLarge();
    const next = nextResumption(stream, this.#phase.kind === 'resuming' ? this.#phase : undefined);
    if (next === undefined) return this.#endedEarly(stream, why);
    this.#exchange?.cancel();
    this.#session.done(this.#exchange);
    this.#phase = { kind: 'resuming', ...next };
    this.#timer = this.#session.options.clock.setTimeout(() => this.start(), next.delayMs);
    this.#timer.ref?.();
  }

  #endedEarly(stream: EventStream | undefined, why: Error | undefined): void {
    const what = 'ended the event stream before the answer came';
    const isProper = why === undefined && this.#phase.kind === 'posting';
    const odd = isProper ? oddEnd(stream, this.#finder.stray) : undefined;
    if (odd !== undefined) return this.#unreadable(`${what}, ${odd}`);
    const error = why ?? this.#session.breach(what);
    this.#fail(new LinkError('cutOff', error.message, { cause: error }));
  }

  /** The answer is complete, and none. */
  #unreadable(what: string): void {
    this.#fail(refusedBy(this.#session.breach(what)));
  }

  #fail(error: LinkError): void {
    const { kind } = this.#phase;
    if (kind === 'answered') return;
    this.#conclude();
    if (kind === 'posting' || error.outcome === 'cutOff') return this.#listener.failed(error);
    const what = `the rest of the answer could not be fetched: ${error.message}`;
    this.#listener.failed(new LinkError('cutOff', what, { cause: error }));
  }
}
