import type { Clock, TimerHandle } from '../../../time/clock.js';
import type { SampleMessage } from '../feed/messages.js';
import { frameOf } from './feed-pieces.js';

/** Where a reader's frames go. */
export interface FeedSink {
  /** False: it has enough for now, and says when it takes more. */
  write(text: string): boolean;
  /** Bytes that were written and not taken yet. */
  readonly queued: number;
  /** Sends what was written, and ends. */
  end(): void;
  /** Ends at once. */
  destroy(): void;
}

/** What a reader is sent at a time, and how far it is with it. */
export interface Batch {
  readonly frames: Iterable<string>;
  readonly seq: number;
}

/** Bytes that may wait for one reader. */
const mostQueued = 1024 * 1024;

/** Milliseconds after which a reader is dropped that takes nothing. */
export const stalledMs = 30_000;

/** Who reads the feed. Nothing is made for a reader that has not taken what it was sent before. */
export class FeedReader {
  /** Milliseconds between two deltas. */
  readonly intervalMs: number;
  readonly #sink: FeedSink;
  readonly #clock: Clock;
  readonly #dropped: () => void;
  #phase: 'open' | 'gone' = 'open';
  #outbox: Iterator<string> = [].values();
  /** Runs while the sink has enough. */
  #stalled: TimerHandle | undefined;
  readonly #samples = new Map<string, SampleMessage>();
  /** It was sent all up to this event. */
  seq = 0;
  /** Whether there is something that it was not sent. */
  isBehind = false;
  sentAt = Number.NEGATIVE_INFINITY;

  /** @param dropped told where it is ended because it takes too little */
  constructor(sink: FeedSink, intervalMs: number, clock: Clock, dropped: () => void) {
    this.#sink = sink;
    this.intervalMs = intervalMs;
    this.#clock = clock;
    this.#dropped = dropped;
  }

  /** Whether it has taken all that it was sent, and takes more. */
  get isReady(): boolean {
    return this.#phase === 'open' && this.#stalled === undefined;
  }

  /** Sends a batch. Frames are asked for when there is room for them. */
  send({ frames, seq }: Batch): void {
    this.seq = seq;
    this.isBehind = false;
    this.sentAt = this.#clock.now();
    this.#outbox = this.#withSamples(frames);
    this.#flush();
  }

  /** Adds up what was sampled, until it is sent something. */
  sampled(messages: readonly SampleMessage[]): void {
    for (const message of messages) {
      const { seen = 0, sent = 0 } = this.#samples.get(message.of) ?? {};
      this.#samples.set(message.of, { ...message, seen: seen + message.seen, sent: sent + message.sent });
    }
  }

  /** The sink takes more. */
  drained(): void {
    this.#clearStalled();
    this.#flush();
  }

  /** Says farewell and ends. */
  end(farewell: string): void {
    if (this.#phase === 'gone') return;
    this.leave();
    this.#sink.write(farewell);
    this.#sink.end();
  }

  /** It has gone. */
  leave(): void {
    this.#phase = 'gone';
    this.#clearStalled();
  }

  *#withSamples(frames: Iterable<string>): Generator<string, undefined> {
    const samples = [...this.#samples.values()];
    this.#samples.clear();
    for (const sample of samples) yield frameOf(sample);
    yield* frames;
    return undefined;
  }

  #flush(): void {
    while (this.#phase === 'open') {
      const next = this.#outbox.next();
      if (next.done === true) return;
      if (this.#sink.write(next.value)) continue;
      if (this.#sink.queued > mostQueued) return this.#drop();
      this.#stalled = this.#clock.setTimeout(() => this.#drop(), stalledMs);
      return;
    }
  }

  #drop(): void {
    this.leave();
    this.#sink.destroy();
    this.#dropped();
  }

  #clearStalled(): void {
    this.#clock.clearTimeout(this.#stalled);
    this.#stalled = undefined;
  }
}
