import type { IncomingHttpHeaders } from 'node:http';
import { GrowingBuffer } from '../../wire/framing/growing-buffer.js';
import type { MessageOutline } from '../../wire/framing/message-scanner.js';
import { textOf } from '../../wire/framing/utf8-text.js';
import { mediaType } from '../../wire/media-type.js';
import { describeAnswer } from '../http/answer/http-answer.js';
import { streamAfter } from '../http/answer/posted-message.js';
import { RedirectedRequest } from '../http/answer/redirected-request.js';
import { challengeOf, loginNeeded } from '../http/authorization.js';
import type { HttpReceiver } from '../http/dispatch/http-exchange.js';
import { EventStream } from '../http/events/event-stream.js';
import type { HttpClientSession } from '../http/http-client-session.js';
import type { WireMessage } from '../mcp/json-rpc.js';

const longestRefusal = 64 * 1024;
const longestShown = 200;

export interface SseStreamListener {
  /** The server names the address that messages are posted to; it may do so more than once. */
  endpoint(address: string): void;
  message(message: WireMessage): void;
  /** A message longer than the bound, which was read past, and what can be told of it. */
  tooLarge(outline: MessageOutline | undefined): void;
  /** It could not be had, or has ended; called once. */
  ended(error: Error): void;
}

/** The stream on which a server of the older transport says everything. It is asked for once. */
export class SseStream implements HttpReceiver {
  readonly #session: HttpClientSession;
  readonly #listener: SseStreamListener;
  readonly #request: RedirectedRequest;
  readonly #refusal = new GrowingBuffer();
  #answer:
    | { kind: 'none' }
    | { kind: 'stream'; stream: EventStream }
    | { kind: 'refusal'; status: number; headers: IncomingHttpHeaders } = { kind: 'none' };

  constructor(session: HttpClientSession, listener: SseStreamListener) {
    this.#session = session;
    this.#listener = listener;
    // A server with nothing to say is silent.
    this.#request = new RedirectedRequest(session, streamAfter('', 0), this);
  }

  start(): void {
    this.#request.start();
  }

  cancel(): void {
    this.#request.exchange?.cancel();
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#session.keepCookies(headers);
    const isStream = status < 300 && mediaType(headers['content-type']) === 'text/event-stream';
    this.#answer = isStream ? { kind: 'stream', stream: this.#newStream() } : { kind: 'refusal', status, headers };
  }

  data(chunk: Buffer): void {
    this.#session.options.onTraffic();
    if (this.#answer.kind === 'stream') {
      if (!this.#answer.stream.push(chunk)) throw this.#session.protocolError('sends an event without end');
      return;
    }
    this.#refusal.append(chunk.subarray(0, longestRefusal - this.#refusal.length));
    if (this.#refusal.length < longestRefusal) return;
    // It may be without end.
    this.cancel();
    this.end();
  }

  end(): void {
    const answer = this.#answer;
    if (answer.kind !== 'refusal') return this.#listener.ended(this.#session.linkLost('ended the event stream'));
    const { status, headers } = answer;
    const challenge = challengeOf(status, headers);
    const { name } = this.#session.options;
    if (challenge !== undefined)
      return this.#listener.ended(loginNeeded({ name, target: this.#session.target }, challenge));
    const what = describeAnswer(status, headers, textOf(this.#refusal.take()));
    const said = `${what}; expected the event stream`;
    this.#listener.ended(status < 300 ? this.#session.protocolError(said) : this.#session.refusal(said));
  }

  failed(error: Error): void {
    this.#listener.ended(this.#session.error(error));
  }

  #newStream(): EventStream {
    const { logger, maxMessageBytes, name } = this.#session.options;
    return new EventStream({
      maxEventBytes: maxMessageBytes,
      onMessages: (messages) => {
        for (const message of messages) this.#listener.message(message);
      },
      onNamed: (event, data) => {
        if (event === 'endpoint') this.#listener.endpoint(data);
      },
      onStray: (data) =>
        logger.warn(
          { connection: name, data: data.slice(0, longestShown) },
          'event of MCP server is no JSON-RPC message; ignored',
        ),
      onTooLarge: (outline) => this.#listener.tooLarge(outline),
    });
  }
}
