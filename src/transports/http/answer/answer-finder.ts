import type { GatechartError } from '../../../errors.js';
import { EventStream } from '../events/event-stream.js';
import type { HttpClientSession } from '../http-client-session.js';
import type { PostedMessage } from './posted-message.js';
import { isAnswer, isErrorAnswer, isIdOf, type WireMessage } from '../../mcp/json-rpc.js';
import type { MessageOutline } from '../../../wire/framing/message-scanner.js';
import { LinkError } from '../../transport.js';

const longestShown = 200;

/** Hears what was found. */
export interface AnswerListener {
  /** The answer, whatever id the server gave it. */
  answered(message: WireMessage): void;
  /** It is larger than the limit, and was read past. */
  tooLarge(): void;
}

/** Finds the answer to one request among all that the server says in response, and passes the rest on. */
export class AnswerFinder {
  /** What came that was no message, or the answer to nothing, if anything did. */
  #stray: string | undefined;
  readonly #session: HttpClientSession;
  readonly #message: PostedMessage;
  readonly #listener: AnswerListener;

  constructor(session: HttpClientSession, message: PostedMessage, listener: AnswerListener) {
    this.#session = session;
    this.#message = message;
    this.#listener = listener;
  }

  /** Looks at the messages of one event or body. */
  take(messages: readonly WireMessage[]): void {
    const { isOurs, onMessage } = this.#session.options;
    let unmatched: WireMessage | undefined;
    for (const message of messages) {
      if (isAnswer(message) && isIdOf(message.id, this.#message.id)) this.#listener.answered(message);
      else if (isErrorAnswer(message) && !isOurs(message.id)) unmatched ??= message;
      else {
        if (message.method === undefined && !isOurs(message.id)) this.#stray = shown(JSON.stringify(message));
        onMessage(message, this.#message);
      }
    }
    // Whoever could not read the request could not read its id either.
    if (unmatched !== undefined) this.#listener.answered(unmatched);
  }

  /** Reads a response that is an event stream. */
  eventStream(): EventStream {
    const { logger, maxMessageBytes, name } = this.#session.options;
    return new EventStream({
      maxEventBytes: maxMessageBytes,
      onMessages: (messages) => this.take(messages),
      onStray: (data) => {
        this.#stray = shown(data);
        logger.warn({ connection: name, data: this.#stray }, 'event of MCP server is no JSON-RPC message; ignored');
      },
      onTooLarge: (outline) => this.#messageTooLarge(outline),
    });
  }

  /**
   * What is odd about a stream that came to its proper end without the answer: one that was none from the start, or that can
   * be resumed nowhere, did not break off. Undefined where nothing is.
   */
  oddEnd(stream: EventStream | undefined): string | undefined {
    if (stream?.hasUnsendableId === true) return 'with an event id that cannot be sent back';
    if (this.#stray !== undefined) return `and sent something else: ${this.#stray}`;
    return stream?.isBlank === true ? 'and without any event' : undefined;
  }

  #messageTooLarge(outline: MessageOutline | undefined): void {
    const { isOurs, logger, maxMessageBytes, name, onRefused } = this.#session.options;
    if (outline?.hasMethod === true) {
      const fields = { connection: name, id: outline.id, maxMessageBytes };
      logger.warn(fields, 'message of MCP server is larger than the limit; read past');
    } else if (!isIdOf(outline?.id, this.#message.id) && isOurs(outline?.id)) {
      onRefused(outline?.id, answerTooLarge(this.#session));
    } else this.#listener.tooLarge();
  }
}

function shown(text: string): string {
  return text.slice(0, longestShown);
}

/** What a request comes to whose answer is larger than the limit. */
export function answerTooLarge(session: HttpClientSession): LinkError {
  return refusedBy(session.tooLarge(`sent an answer of more than ${session.options.maxMessageBytes} bytes`));
}

/** What a request comes to that the server refused, or answered with what is no answer. */
export function refusedBy(error: GatechartError): LinkError {
  return new LinkError('refused', error.message, { cause: error });
}
