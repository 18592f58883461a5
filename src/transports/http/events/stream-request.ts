import type { IncomingHttpHeaders } from 'node:http';
import type { EventStreamEvent } from '../../../../machines/index.js';
import { GrowingBuffer } from '../../../wire/framing/growing-buffer.js';
import type { MessageOutline } from '../../../wire/framing/message-scanner.js';
import { textOf } from '../../../wire/framing/utf8-text.js';
import { mediaType } from '../../../wire/media-type.js';
import { isAnswer, isErrorAnswer, type WireMessage } from '../../mcp/json-rpc.js';
import { EventStream } from './event-stream.js';
import { describeAnswer, retryAfterOf } from '../answer/http-answer.js';
import { answerTooLarge } from '../answer/answer-finder.js';
import type { HttpClientSession } from '../http-client-session.js';
import type { HttpReceiver, RunningExchange } from '../dispatch/http-exchange.js';
import { streamAfter } from '../answer/posted-message.js';

const longestRefusal = 64 * 1024;
const longestShown = 200;

/** One request (GET) for the stream on which the server says things unasked, and what comes of it. */
export class StreamRequest implements HttpReceiver {
  readonly #session: HttpClientSession;
  readonly #tell: (event: EventStreamEvent) => void;
  readonly #exchange: RunningExchange;
  #answer:
    | { kind: 'none' }
    | { kind: 'stream'; stream: EventStream }
    | { kind: 'refusal'; status: number; headers: IncomingHttpHeaders } = { kind: 'none' };
  readonly #refusal = new GrowingBuffer();

  constructor(session: HttpClientSession, lastEventId: string, tell: (event: EventStreamEvent) => void) {
    this.#session = session;
    this.#tell = tell;
    this.#exchange = session.send(
      // A server with nothing to say is silent; TCP keep-alive tells when its machine is gone.
      streamAfter(lastEventId, 0),
      this,
    );
  }

  cancel(): void {
    this.#exchange.cancel();
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#session.keepCookies(headers);
    if (status >= 300 || mediaType(headers['content-type']) !== 'text/event-stream') {
      this.#answer = { kind: 'refusal', status, headers };
      return;
    }
    this.#session.adopt(headers);
    this.#answer = { kind: 'stream', stream: this.#newStream() };
    this.#tell({ type: 'stream.opened' });
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
    if (answer.kind === 'refusal') return this.#refused(answer);
    this.#tell({ type: 'stream.ended', ...this.#place() });
  }

  failed(error: Error): void {
    const { logger, name } = this.#session.options;
    const why = this.#session.error(error);
    logger.debug({ connection: name, error: why.message }, 'event stream of MCP server');
    if (why.code === 'SESSION_LOST') this.#tell({ type: 'session.lost', error: why });
    else this.#tell({ type: 'stream.failed', error: why, ...this.#place() });
  }

  #refused({ status, headers }: { status: number; headers: IncomingHttpHeaders }): void {
    const text = textOf(this.#refusal.take());
    const error = this.#session.refusal(`${describeAnswer(status, headers, text)}; expected the event stream`);
    this.#tell({ type: 'stream.refused', status, error, retryAfterMs: retryAfterOf(headers) });
  }

  /** Where the stream can be resumed, and the pace the server asks for. */
  #place(): { lastEventId: string | undefined; retryMs: number | undefined } {
    if (this.#answer.kind !== 'stream') return { lastEventId: undefined, retryMs: undefined };
    const { lastEventId, retryMs } = this.#answer.stream;
    return { lastEventId, retryMs };
  }

  #newStream(): EventStream {
    const { logger, maxMessageBytes, name } = this.#session.options;
    return new EventStream({
      maxEventBytes: maxMessageBytes,
      onMessages: (messages) => {
        this.#tell({ type: 'stream.heard' });
        for (const message of messages) this.#message(message);
      },
      onStray: (data) =>
        logger.warn(
          { connection: name, data: data.slice(0, longestShown) },
          'event of MCP server is no JSON-RPC message; ignored',
        ),
      onTooLarge: (outline) => this.#tooLarge(outline),
    });
  }

  #message(message: WireMessage): void {
    const { isAwaited, logger, name, onMessage } = this.#session.options;
    if ((isErrorAnswer(message) || isAnswer(message)) && !isAwaited(message.id)) {
      const said = JSON.stringify(message.error ?? null).slice(0, longestShown);
      logger.warn({ connection: name, error: said }, 'MCP server answered what nobody waits for; ignored');
    } else onMessage(message, undefined);
  }

  #tooLarge(outline: MessageOutline | undefined): void {
    const { isAwaited, logger, maxMessageBytes, name, onRefused } = this.#session.options;
    if (outline !== undefined && !outline.hasMethod && isAwaited(outline.id))
      onRefused(outline.id, answerTooLarge(this.#session));
    else {
      const fields = { connection: name, id: outline?.id, maxMessageBytes };
      logger.warn(fields, 'message of MCP server is larger than the limit; read past');
    }
  }
}
