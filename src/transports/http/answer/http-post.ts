import type { ActorRefFrom } from 'xstate';
import type { answerResumptionMachine } from '../../../../machines/index.js';
import type { WireMessage } from '../../mcp/json-rpc.js';
import { LinkError } from '../../transport.js';
import { resumeAnswer } from './answer-resumption.js';
import type { AnswerRequestListener, AnswerTrouble } from './answer-trouble.js';
import { AnswerRequest } from './answer-request.js';
import type { HttpClientSession } from '../http-client-session.js';
import type { PostedMessage } from './posted-message.js';

/** Hears of one message that is sent. */
export interface PostListener {
  /** It has come to this error; not told of what was answered. At most once, and before `ended`. */
  failed(error: LinkError): void;
  /** The post has ended or was cancelled, and holds nothing any more. Called once. */
  ended(): void;
}

/**
 * How far a message has come; a phase inside one exchange, in which nothing is ever executed twice. Once its answer has
 * begun it was perhaps executed, whatever happens from there on.
 */
type Phase =
  | { kind: 'posting' }
  /** The stream of the answer ended early, and the rest of it is fetched. */
  | { kind: 'resuming'; resumption: ActorRefFrom<typeof answerResumptionMachine> }
  /** What it has come to is told; what still comes is only read past. */
  | { kind: 'settled' }
  /** Nothing of it is left, and the listener was told so. */
  | { kind: 'ended' };

/**
 * One message sent with POST, until its answer has come, as JSON or on an event stream. A stream that ends early is
 * resumed where the server gave event ids to resume at.
 */
export class HttpPost implements AnswerRequestListener {
  readonly #session: HttpClientSession;
  readonly #message: PostedMessage;
  readonly #listener: PostListener;
  /** The latest one. */
  #request: AnswerRequest;
  #phase: Phase = { kind: 'posting' };

  constructor(session: HttpClientSession, message: PostedMessage, listener: PostListener) {
    this.#session = session;
    this.#message = message;
    this.#listener = listener;
    this.#request = new AnswerRequest(session, message, undefined, this);
  }

  start(): void {
    this.#request.start();
  }

  /** Ends it; the listener hears nothing but that. Returns whether any of it may have reached the server. */
  cancel(): boolean {
    const phase = this.#phase;
    if (phase.kind === 'resuming') phase.resumption.send({ type: 'cancel' });
    const sent = this.#request.cancel();
    this.#end();
    return sent || phase.kind !== 'posting';
  }

  /** @internal */
  answered(message: WireMessage | undefined): void {
    if (this.#phase.kind === 'ended') return;
    this.#phase = { kind: 'settled' };
    if (message !== undefined) this.#session.options.onMessage(message, this.#message);
  }

  /** @internal */
  failed(trouble: AnswerTrouble): void {
    if (trouble.kind !== 'cutOff') return this.#fail(trouble.error);
    const { error, lastEventId = '', retryMs } = trouble;
    if (lastEventId === '') return this.#fail(new LinkError('cutOff', error.message, { cause: error }));
    this.#resume({ lastEventId, retryMs });
  }

  /** @internal */
  ended(): void {
    if (this.#phase.kind === 'settled' && this.#request.isOver) this.#end();
  }

  #resume(place: { lastEventId: string; retryMs: number | undefined }): void {
    const resumption = resumeAnswer(this.#session, this.#message, place, {
      asked: (request) => {
        this.#request = request;
      },
      answered: (message) => this.answered(message),
      failed: (error) => {
        this.#fail(error);
        this.ended();
      },
      ended: () => this.ended(),
    });
    this.#phase = { kind: 'resuming', resumption };
  }

  #fail(error: LinkError): void {
    if (this.#phase.kind === 'settled' || this.#phase.kind === 'ended') return;
    this.#phase = { kind: 'settled' };
    this.#listener.failed(error);
  }

  #end(): void {
    if (this.#phase.kind === 'ended') return;
    this.#phase = { kind: 'ended' };
    this.#listener.ended();
  }
}
