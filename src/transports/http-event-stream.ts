import type { IncomingHttpHeaders } from 'node:http';
import { type GatechartError, messageOf } from '../errors.js';
import type { TimerHandle } from '../time/clock.js';
import { EventStream } from './event-stream.js';
import type { Exchange, HttpReceiver } from './http-pool.js';
import { mediaType } from './http-post.js';
import type { HttpSession } from './http-session.js';

const attempts = 3;
const firstDelayMs = 1000;
const longestDelayMs = 30_000;
const longestRefusal = 64 * 1024;

/**
 * The stream (GET) on which a server says things unasked. Servers need not offer it, and may close it when it is idle; then
 * it is opened again, ever more slowly as long as nothing is said on it. One that was there and cannot be opened again
 * means that the server or our session is gone.
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
    if (this.#refusedWith === undefined) return this.#reopen();
    if (!this.#offered || this.#refusedWith === 405) return;
    if (this.#refusedWith === 404) {
      return this.#session.options.onLost(this.#session.lost('no longer knows our session (its event stream is gone)'));
    }
    this.#failed(this.#session.refusal(`answered ${this.#refusedWith} to opening the event stream`));
  }

  failed(error: Error): void {
    this.#session.done(this.#exchange);
    const why = this.#session.error(error);
    if (why.code === 'PROTOCOL_ERROR') return this.#session.options.onLost(why);
    const { logger, name } = this.#session.options;
    logger.debug({ connection: name, error: messageOf(why) }, 'event stream of MCP server');
    if (!this.#offered) return;
    if (this.#stream === undefined) this.#failed(why);
    else this.#reopen();
  }

  #failed(why: GatechartError): void {
    this.#failures++;
    if (this.#failures < attempts) this.#reopen();
    else this.#session.options.onLost(why);
  }

  #reopen(): void {
    this.#lastEventId = this.#stream?.lastEventId ?? this.#lastEventId;
    this.#retryMs = this.#stream?.retryMs ?? this.#retryMs;
    this.#stream = undefined;
    const base = this.#retryMs ?? firstDelayMs;
    const delayMs = Math.min(base * 2 ** Math.max(this.#silentStreams - 1, 0), longestDelayMs);
    this.#timer = this.#session.options.clock.setTimeout(() => this.open(), Math.max(delayMs, base));
    this.#timer.ref?.();
  }
}
