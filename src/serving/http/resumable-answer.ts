import type { JSONRPCNotification, JSONRPCRequest, JSONRPCResponse } from '@modelcontextprotocol/sdk/types.js';
import type { TimerHandle } from '../../time/clock.js';
import { writeMessage } from '../mcp/answer-size.js';
import { maxUnreadBytes } from '../mcp/running-call.js';
import { EventAnswer } from './event-answer.js';
import type { EventLog } from './event-log.js';
import type { HttpExchange } from './http-exchange.js';
import type { Resumable, SessionReplay } from './session-replay.js';

/** The first revision whose clients know events without anything in them, from which a stream can be resumed. */
const firstResumable = '2025-11-25';

/**
 * An answer whose client may lose the connection and ask for the rest on another, from the first event on: a request that
 * is answered at once has none, and its answer is one piece as ever.
 */
class ResumableAnswer extends EventAnswer implements Resumable {
  readonly #replay: SessionReplay;
  /** There from the first event on. */
  #log: EventLog | undefined;
  #beginning: TimerHandle | undefined;
  /** `detached`: what is said is kept, and nobody hears it yet. */
  #phase: 'attached' | 'detached' = 'attached';

  constructor(exchange: HttpExchange, sessionId: string, replay: SessionReplay) {
    super(exchange, sessionId);
    this.#replay = replay;
    this.#beginning = replay.clock.setTimeout(() => this.open(), replay.limits.beginMs);
  }

  override open(): void {
    if (this.#log !== undefined || this.isOver) return;
    this.#neverBegin();
    this.writeHead();
    this.#log = this.#replay.open(this);
    this.response.write(this.#log.begin(this.#replay.limits.retryMs));
  }

  override say(message: JSONRPCNotification | JSONRPCRequest): boolean {
    if (this.isOver) return false;
    if (this.#phase === 'detached') {
      if (this.#log === undefined || this.#log.bytes > maxUnreadBytes) return false;
      this.#log.add(writeMessage(message));
      return this.#log.isKept;
    }
    if (!this.isRead) return false;
    const data = writeMessage(message);
    this.open();
    if (this.#log !== undefined) this.response.write(this.#log.add(data));
    return true;
  }

  override answer(message: JSONRPCResponse): number {
    this.#neverBegin();
    if (this.#log === undefined || this.isOver) return super.answer(message);
    const event = this.#log.add(writeMessage(message));
    this.#replay.complete(this.#log);
    super.lost();
    if (this.#phase === 'detached') return 0;
    this.response.end(event);
    return Buffer.byteLength(event);
  }

  override end(): void {
    this.#neverBegin();
    if (this.#log !== undefined) this.#replay.complete(this.#log);
    if (this.#phase === 'attached') super.end();
    else super.lost();
  }

  override lost(): void {
    this.#neverBegin();
    if (this.isOver) return;
    if (this.#log?.isKept === true) this.#phase = 'detached';
    else super.lost();
  }

  /** Goes on with the rest of its events on another connection, in place of the earlier one, which may be gone unnoticed. */
  resume(exchange: HttpExchange, events: string): void {
    const earlier = this.exchange;
    this.exchange = exchange;
    this.#phase = 'attached';
    if (!earlier.isOver) earlier.response.end();
    this.writeHead();
    if (events === '') this.response.flushHeaders();
    else this.response.write(events);
  }

  #neverBegin(): void {
    this.#replay.clock.clearTimeout(this.#beginning);
    this.#beginning = undefined;
  }
}

/** The answer to a request in a session, resumable where that is wanted and its client knows how. */
export function answerOn(
  exchange: HttpExchange,
  sessionId: string,
  version: string | undefined,
  replay: SessionReplay | undefined,
): EventAnswer {
  return replay === undefined || version === undefined || version < firstResumable
    ? new EventAnswer(exchange, sessionId)
    : new ResumableAnswer(exchange, sessionId, replay);
}
