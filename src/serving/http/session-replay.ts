import type { Clock } from '../../time/clock.js';
import { FairShare, type Share } from '../fair-share.js';
import { EventLog } from './event-log.js';
import type { HttpExchange } from './http-exchange.js';

/** How streams that break off are gone on with. */
export interface ReplayLimits {
  /** Bytes of events that are kept for one session. What does not fit is not kept: its stream cannot be resumed. */
  readonly maxSessionBytes: number;
  /** The same for all sessions, shared fairly. */
  readonly maxBytes: number;
  /** Milliseconds that the events of an answered request are kept. */
  readonly keptMs: number;
  /** Milliseconds after which a request without an answer gets its first event, from which on its stream can be resumed. */
  readonly beginMs: number;
  /** Milliseconds that clients are told to wait before they ask for the rest. */
  readonly retryMs: number;
}

export const defaultReplayLimits: ReplayLimits = {
  maxSessionBytes: 4 * 1024 * 1024,
  maxBytes: 64 * 1024 * 1024,
  keptMs: 60_000,
  beginMs: 50,
  retryMs: 1000,
};

/** What is kept for all sessions of a server. */
export class Replay {
  readonly #limits: ReplayLimits;
  readonly #clock: Clock;
  readonly #bytes: FairShare;

  constructor(limits: ReplayLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#bytes = new FairShare({ most: limits.maxBytes, mostEach: limits.maxSessionBytes });
  }

  /** Bytes that are kept. */
  get held(): number {
    return this.#bytes.held;
  }

  open(): SessionReplay {
    return new SessionReplay(this.#limits, this.#clock, this.#bytes.open());
  }
}

/** An answer whose stream may go on with on another connection. */
export interface Resumable {
  /** `events` are those that its client has not heard. */
  resume(exchange: HttpExchange, events: string): void;
}

/** What came after one event of a stream. */
export interface StreamRest {
  readonly events: string;
  /** What is still to be answered; undefined where the rest is all there is. */
  readonly answer: Resumable | undefined;
}

interface KeptStream {
  readonly log: EventLog;
  answer: Resumable | undefined;
}

/** The streams of one session that can be resumed. */
export class SessionReplay {
  readonly limits: ReplayLimits;
  readonly clock: Clock;
  readonly #share: Share;
  /** By their ids, the oldest first. */
  readonly #streams = new Map<number, KeptStream>();
  #lastId = 0;

  constructor(limits: ReplayLimits, clock: Clock, share: Share) {
    this.limits = limits;
    this.clock = clock;
    this.#share = share;
  }

  open(answer: Resumable): EventLog {
    const id = ++this.#lastId;
    const log = new EventLog({
      id,
      take: (bytes) => this.#take(bytes),
      give: (bytes) => {
        this.#share.give(bytes);
        this.#streams.delete(id);
      },
    });
    this.#streams.set(id, { log, answer });
    return log;
  }

  /** What came after the event of this id; undefined if it is not kept, or is none of ours. */
  restAfter(eventId: string): StreamRest | undefined {
    const [, id, number] = /^(\d{1,15})-(\d{1,15})$/.exec(eventId) ?? [];
    const stream = this.#streams.get(Number(id));
    const events = stream?.log.after(Number(number));
    return stream === undefined || events === undefined ? undefined : { events, answer: stream.answer };
  }

  /** Nothing more is said on this stream. */
  complete(log: EventLog): void {
    log.complete(this.clock.now());
    const stream = this.#streams.get(log.id);
    // What is kept of it is its events: not the connection that it came on.
    if (stream !== undefined) stream.answer = undefined;
  }

  /** Forgets the streams of requests that were answered long ago. */
  sweep(): void {
    const oldest = this.clock.now() - this.limits.keptMs;
    for (const { log } of this.#streams.values()) if ((log.completedAt ?? Infinity) < oldest) log.drop();
  }

  /** Forgets everything. */
  close(): void {
    for (const { log } of this.#streams.values()) log.drop();
  }

  /** What was answered makes room for what was not. */
  #take(bytes: number): boolean {
    if (this.#share.take(bytes) === undefined) return true;
    for (const { log } of this.#streams.values()) {
      if (log.completedAt === undefined) continue;
      log.drop();
      if (this.#share.take(bytes) === undefined) return true;
    }
    return false;
  }
}
