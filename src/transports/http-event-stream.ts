import type { IncomingHttpHeaders } from 'node:http';
import { type GatechartError, messageOf } from '../errors.js';
import type { TimerHandle } from '../time/clock.js';
import { EventStream, longestRetryMs } from './event-stream.js';
import { mediaType } from './http-answer.js';
import type { Exchange, HttpReceiver } from './http-pool.js';
import type { HttpSession } from './http-session.js';

const attempts = 3;
const firstDelayMs = 1000;
const longestRefusal = 64 * 1024;

/**
 * The stream (GET) on which a server says things unasked. Servers need not offer it, and may close it when it is idle; then
 * it is opened again, ever more slowly as long as nothing is said on it, or it cannot be opened. One that was there and
 * cannot be opened again means that the server or our session is gone.
 */
export class HttpEventStream implements HttpReceiver {
  readonly #session: HttpSession;
  #exchange: Exchange | undefined;
  #stream: EventStream | undefined;
  #timer: TimerHandle | undefined;
  #lastEventId: string | undefined;
  #retryMs: number | undefined;
  #offered = false;
  #failures = 0;
  #silentStreams = 0;
  #refusedWith: number | undefined;
  #refusalBytes = 0;

  constructor(session: HttpSession) {
    this.#session = session;
  }

  open(): void {
    this.#refusedWith = undefined;
    this.#refusalBytes = 0;
    this.#exchange = this.#session.send(
      {
        method: 'GET',
        headers: {
          accept: 'text/event-stream',
          ...(this.#lastEventId === undefined ? {} : { 'last-event-id': this.#lastEventId }),
        },
        // Nothing said is no fault here; TCP keep-alive tells when the server's machine is gone.
        idleTimeoutMs: 0,
      },
      this,
    );
  }

  stop(): void {
    this.#session.options.clock.clearTimeout(this.#timer);
    this.#exchange?.cancel();
    this.#session.done(this.#exchange);
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    if (status >= 300 || mediaType(headers) !== 'text/event-stream') {
      this.#refusedWith = status;
      return;
    }
    const stranger = this.#session.belongs(headers);
    if (stranger !== undefined) throw stranger;
    this.#offered = true;
    this.#failures = 0;
    this.#silentStreams++;
    const { logger, maxMessageBytes, name, onMessage } = this.#session.options;
    this.#stream = new EventStream({
      maxEventBytes: maxMessageBytes,
      onMessage: (message) => {
        this.#silentStreams = 0;
        onMessage(message);
      },
      onStray: () => logger.warn({ connection: name }, 'event of MCP server is no JSON-RPC message; ignored'),
    });
  }

  data(chunk: Buffer): void {
    this.#session.options.onTraffic();
    if (this.#refusedWith !== undefined) {
      this.#refusalBytes += chunk.length;
      if (this.#refusalBytes <= longestRefusal) return;
      this.#exchange?.cancel();
      return this.end();
    }
    if (this.#stream?.push(chunk) === false) {
      throw this.#session.breach(`sent an event of more than ${this.#session.options.maxMessageBytes} bytes`);
    }
  }

  end(): void {
    this.#session.done(this.#exchange);
    const status = this.#refusedWith;
    if (status === undefined) return this.#reopen();
    const notOffered = status === 405 || status === 501 || (!this.#offered && status < 500);
    if (notOffered) return;
    if (this.#offered && status === 404) {
      return this.#session.options.onLost(this.#session.lost('no longer knows our session (its event stream is gone)'));
    }
    this.#failed(this.#session.refusal(`answered ${status} to opening the event stream`));
  }

  failed(error: Error): void {
    this.#session.done(this.#exchange);
    const why = this.#session.error(error);
    if (why.code === 'PROTOCOL_ERROR' || why.code === 'SESSION_LOST') return this.#session.options.onLost(why);
    const { logger, name } = this.#session.options;
    logger.debug({ connection: name, error: messageOf(why) }, 'event stream of MCP server');
    if (this.#stream === undefined) this.#failed(why);
    else this.#reopen();
  }

  #failed(why: GatechartError): void {
    this.#failures++;
    // Without a stream that was there once, nothing has been lost: requests have their answers all the same.
    if (this.#offered && this.#failures >= attempts) this.#session.options.onLost(why);
    else this.#reopen();
  }

  #reopen(): void {
    this.#lastEventId = this.#stream?.lastEventId ?? this.#lastEventId;
    this.#retryMs = this.#stream?.retryMs ?? this.#retryMs;
    this.#stream = undefined;
    const base = this.#retryMs ?? firstDelayMs;
    const inVain = Math.max(this.#silentStreams, this.#failures, 1);
    const delayMs = Math.min(base * 2 ** (inVain - 1), longestRetryMs);
    this.#timer = this.#session.options.clock.setTimeout(() => this.open(), delayMs);
    this.#timer.ref?.();
  }
}
