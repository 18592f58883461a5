import type { IncomingHttpHeaders } from 'node:http';
import { mediaType } from '../../../wire/media-type.js';
import { messagesIn, type WireMessage } from '../../mcp/json-rpc.js';
import { LinkError } from '../../transport.js';
import { AnswerBody } from './answer-body.js';
import { failureAt, refusalForSize } from './answer-failure.js';
import type { AnswerRequestListener, AnswerTrouble } from './answer-trouble.js';
import type { EventStream } from '../events/event-stream.js';
import { describeAnswer } from './http-answer.js';
import { AnswerFinder, type AnswerListener, answerTooLarge, refusedBy } from './answer-finder.js';
import type { HttpClientSession } from '../http-client-session.js';
import type { HttpReceiver, HttpStage } from '../dispatch/http-exchange.js';
import { readRefusal } from './http-refusal.js';
import { type PostedMessage, postOf, streamAfter } from './posted-message.js';
import { RedirectedRequest } from './redirected-request.js';

const lingerMs = 1000;

/** What the server sends just now. */
type Response = { kind: 'none' } | { kind: 'stream'; stream: EventStream } | AnswerBody;

/**
 * One request for the answer to a message: the POST that sends it, or a GET for the rest of the answer behind an event.
 * Redirects are followed. A complete answer that is none is a refusal: only what broke off leaves the outcome open.
 */
export class AnswerRequest implements HttpReceiver, AnswerListener {
  readonly #session: HttpClientSession;
  readonly #message: PostedMessage;
  /** The event behind which the rest is asked for; undefined where the message is sent. */
  readonly #lastEventId: string | undefined;
  readonly #listener: AnswerRequestListener;
  readonly #finder: AnswerFinder;
  #request: RedirectedRequest | undefined;
  #response: Response = { kind: 'none' };
  #hasSession = false;
  /** What it has come to is told; what still comes is only read past. */
  isSettled = false;
  isOver = false;

  constructor(
    session: HttpClientSession,
    message: PostedMessage,
    lastEventId: string | undefined,
    listener: AnswerRequestListener,
  ) {
    this.#session = session;
    this.#message = message;
    this.#lastEventId = lastEventId;
    this.#listener = listener;
    this.#finder = new AnswerFinder(session, message, this);
  }

  start(): void {
    const { readTimeoutMs } = this.#session.options.http;
    const request =
      this.#lastEventId === undefined
        ? postOf(this.#message, readTimeoutMs)
        : streamAfter(this.#lastEventId, readTimeoutMs);
    this.#hasSession = this.#session.id !== undefined;
    this.#request = new RedirectedRequest(this.#session, request, this);
    this.#request.start();
  }

  /** Ends it; the listener hears nothing more. Returns whether any of it may have reached the server. */
  cancel(): boolean {
    const sent = this.#request?.exchange?.stage === 'sent';
    this.#request?.exchange?.cancel();
    return sent;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#session.keepCookies(headers);
    this.#response = new AnswerBody(status, headers, this.#session.options.maxMessageBytes);
    if (status >= 300) return;
    this.#session.adopt(headers);
    if (mediaType(headers['content-type']) === 'text/event-stream')
      this.#response = { kind: 'stream', stream: this.#finder.eventStream() };
    if (this.#message.id !== undefined) return;
    // Nothing is due, and a stream may stay open for ever.
    this.#settle();
    this.#listener.answered(undefined);
  }

  data(chunk: Buffer): void {
    const response = this.#response;
    if (response.kind === 'stream') {
      this.#session.options.onTraffic();
      if (!response.stream.push(chunk)) this.tooLarge();
      return;
    }
    if (response.kind === 'none' || this.isSettled) return;
    if (response.push(chunk)) return;
    if (response.isError) this.#refused(response);
    else this.tooLarge();
  }

  end(): void {
    const response = this.#takeResponse();
    if (!this.isSettled) this.#readAll(response);
    this.#endIfSettled();
  }

  failed(error: Error, stage: HttpStage): void {
    const response = this.#takeResponse();
    if (!this.isSettled) this.#broke(response, error, stage);
    this.#endIfSettled();
  }

  /** @internal */
  answered(message: WireMessage): void {
    if (this.isSettled || this.#message.id === undefined) return;
    this.#settle();
    this.#listener.answered(message.id === this.#message.id ? message : { ...message, id: this.#message.id });
  }

  /** @internal */
  tooLarge(): void {
    if (this.isSettled) return;
    this.#fail({ kind: 'tooLarge', error: answerTooLarge(this.#session) });
  }

  /** The server sends no more. Returns what it has sent. */
  #takeResponse(): Response {
    const response = this.#response;
    this.#response = { kind: 'none' };
    return response;
  }

  #readAll(response: Response): void {
    if (response.kind === 'body') this.#bodyEnded(response);
    else if (response.kind === 'stream') {
      response.stream.end();
      this.#cutOff(response.stream, undefined);
    }
  }

  #broke(response: Response, error: Error, stage: HttpStage): void {
    const isSending = !this.#isForRest && response.kind === 'none';
    const refusal = isSending ? refusalForSize(this.#session, this.#message.body, error) : undefined;
    if (refusal !== undefined) return this.#refuse(refusal);
    const why = this.#session.error(error);
    const isBroken = this.#session.isBroken(why);
    if (isBroken && this.#saidEnough(response)) return;
    if (isBroken && (response.kind === 'stream' || this.#isForRest))
      return this.#cutOff(response.kind === 'stream' ? response.stream : undefined, why);
    // A server that cannot be reached will not be for the next request; one connection of many that broke, or one answer
    // that is odd, says nothing about the others.
    if (stage === 'connecting' || why.code === 'SESSION_LOST') this.#session.options.onLost(why, this.#message.id);
    this.#refuse(failureAt(this.#session, stage, why));
  }

  /** Whether a response that broke off had told by then what the message has come to: by its status, or all but its end. */
  #saidEnough(response: Response): boolean {
    switch (response.kind) {
      case 'none':
        return false;
      case 'stream':
        response.stream.end();
        return this.isSettled;
      case 'body':
        if (response.isError) this.#refused(response);
        else this.#finder.take(messagesIn(response.takeText()));
        return this.isSettled;
    }
  }

  #bodyEnded(response: AnswerBody): void {
    if (response.isError) return this.#refused(response);
    const text = response.takeText();
    this.#finder.take(messagesIn(text));
    if (this.isSettled) return;
    const what = describeAnswer(response.status, response.headers, text);
    this.#refuse(refusedBy(this.#session.protocolError(`${what}; expected the JSON-RPC answer`)));
  }

  #refused(response: AnswerBody): void {
    const text = response.takeText();
    const request = { id: this.#message.id, hasSession: this.#hasSession };
    const refusal = readRefusal(this.#session, request, { status: response.status, headers: response.headers, text });
    if (refusal.kind === 'result') return this.answered(refusal.message);
    if (refusal.kind === 'refused' && refusal.mayPass && this.#isForRest) return this.#cutOff(undefined, refusal.error);
    if (refusal.kind === 'refused') return this.#refuse(refusal.error);
    this.#session.options.onLost(refusal.lost, this.#message.id);
    this.#refuse(new LinkError('sessionLost', refusal.lost.message, { cause: refusal.lost }));
  }

  /** The stream of the answer ended too early, or could not be had this time. */
  #cutOff(stream: EventStream | undefined, why: Error | undefined): void {
    if (this.isSettled) return;
    if (stream?.isReadingPast === true) return this.tooLarge();
    const what = 'ended the event stream before the answer came';
    const { lastEventId, retryMs } = stream ?? { lastEventId: undefined, retryMs: undefined };
    const isProper = why === undefined && !this.#isForRest && (lastEventId ?? '') === '';
    const odd = isProper ? this.#finder.oddEnd(stream) : undefined;
    if (odd !== undefined) return this.#refuse(refusedBy(this.#session.protocolError(`${what}, ${odd}`)));
    this.#fail({ kind: 'cutOff', error: why ?? this.#session.protocolError(what), lastEventId, retryMs });
  }

  #refuse(error: LinkError): void {
    this.#fail({ kind: 'refused', error });
  }

  #fail(trouble: AnswerTrouble): void {
    if (this.isSettled) return;
    this.#settle();
    this.#listener.failed(trouble);
  }

  /** The server should end its answer now; one that does not must not keep the connection. */
  #settle(): void {
    this.isSettled = true;
    if (this.#response.kind === 'none') return;
    if (this.#response.kind === 'body') this.#request?.exchange?.skip();
    this.#request?.exchange?.endWithin(lingerMs);
  }

  #endIfSettled(): void {
    if (!this.isSettled || this.isOver) return;
    this.isOver = true;
    this.#listener.ended();
  }

  get #isForRest(): boolean {
    return this.#lastEventId !== undefined;
  }
}
