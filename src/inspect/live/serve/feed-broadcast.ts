import type { Clock, TimerHandle } from '../../../time/clock.js';
import type { LiveSource } from '../feed/live-source.js';
import { feedVersion } from '../feed/feed-version.js';
import { type DeltaMessage, type GapMessage, type SnapshotMessage } from '../feed/messages.js';
import { deltaPieces, frameOf, snapshotPieces } from './feed-pieces.js';
import { type Batch, FeedReader, type FeedSink } from './feed-reader.js';

/** Deltas a second, at most. */
export const mostRate = 30;

/** Readers at one time. */
export const mostReaders = 4;

/** Events in one delta; a reader who has missed more is told so. */
const mostEvents = 2_000;

/** Milliseconds without anything to tell after which the time is told: a reader can tell a quiet host from a lost one. */
const quietMs = 2_000;

/** What a reader asks for. */
export interface Reading {
  /** It has all up to this event; undefined: it has nothing. */
  readonly from: number | undefined;
  /** Deltas a second. */
  readonly rate: number;
}

/**
 * Sends what a source tells to its readers, each at its own pace. Where several have the same, it is asked for and encoded
 * once; where nobody reads, it is not asked for at all.
 */
export class FeedBroadcast {
  readonly #source: LiveSource;
  readonly #clock: Clock;
  readonly #readers = new Set<FeedReader>();
  /** Told where the source fails: its readers are let go then. */
  readonly #failed: (error: unknown) => void;
  #timer: TimerHandle | undefined;
  #unlisten: (() => void) | undefined;

  constructor(source: LiveSource, clock: Clock, failed: (error: unknown) => void = () => {}) {
    this.#failed = failed;
    this.#source = source;
    this.#clock = clock;
  }

  /** Readers that are there now. */
  get size(): number {
    return this.#readers.size;
  }

  /** A new reader, who is sent a greeting and what it lacks. `drained` and `leave` say what becomes of its sink. */
  join(sink: FeedSink, { from, rate }: Reading): { readonly drained: () => void; readonly leave: () => void } {
    const reader = new FeedReader(sink, 1_000 / rate, this.#clock, () => this.#leave(reader));
    this.#unlisten ??= this.#source.onNews(() => this.#hear());
    this.#readers.add(reader);
    this.#attempt(() => {
      const hello = frameOf({ ...this.#source.hello(), rate });
      const resumed = from === undefined ? undefined : this.#since(from);
      const { frames, seq } = resumed ?? this.#snapshot(from);
      reader.send({ frames: joined([hello], frames), seq });
      // What was told while nobody listened is not told again before it is asked for.
      reader.isBehind = true;
      this.#schedule();
    });
    return {
      drained: () =>
        this.#attempt(() => {
          reader.drained();
          this.#schedule();
        }),
      leave: () => this.#leave(reader),
    };
  }

  /** Ends all readers, and says why. */
  end(why: string): void {
    const farewell = frameOf({ v: feedVersion, type: 'bye', why });
    for (const reader of this.#readers) {
      reader.end(farewell);
      this.#leave(reader);
    }
  }

  /** Nobody is above these but the process that is looked into: it goes on, and the readers do not. */
  #attempt(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failed(error);
      this.end('what happens cannot be told; the log says why');
    }
  }

  #leave(reader: FeedReader): void {
    reader.leave();
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = undefined;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #hear(): void {
    for (const reader of this.#readers) reader.isBehind = true;
    this.#schedule();
  }

  /** Wakes up when the first reader may be sent something. */
  #schedule(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    let due = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers) if (reader.isReady) due = Math.min(due, dueOf(reader));
    if (due === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.setTimeout(() => this.#attempt(() => this.#tick()), Math.max(0, due - this.#clock.now()));
  }

  #tick(): void {
    const now = this.#clock.now();
    const due = [...this.#readers].filter((reader) => reader.isReady && dueOf(reader) <= now);
    const samples = this.#source.samples();
    for (const reader of this.#readers) reader.sampled(samples);
    const news = new Map<number, Batch>();
    for (const reader of due) {
      const { seq } = reader;
      const batch = reader.isBehind ? (news.get(seq) ?? this.#news(seq)) : this.#time(seq);
      if (reader.isBehind) news.set(seq, batch);
      reader.send(batch);
    }
    this.#schedule();
  }

  #news(seq: number): Batch {
    return this.#since(seq) ?? this.#snapshot(seq);
  }

  /** What came after an event, encoded; undefined where that is no longer held. */
  #since(seq: number): Batch | undefined {
    const since = seq > this.#source.seq ? undefined : this.#source.since(seq, mostEvents);
    if (since === undefined) return undefined;
    const { delta, gone, gapped } = since;
    const last = Math.max(seq, delta.seq[1]);
    const messages = [
      ...(gapped === undefined ? [] : [gapOf(gapped, 'slow reader')]),
      ...deltaPieces(delta),
      ...(gone.length === 0 ? [] : [{ v: feedVersion, type: 'gone', ids: gone, t: delta.t } as const]),
    ];
    // Only the last one says where the reader is: whoever has lost one of the others asks for all of them again.
    const frames = messages.map((message, index) => frameOf(message, index === messages.length - 1 ? last : undefined));
    return { frames, seq: last };
  }

  /** Everything as it is; encoded piece by piece, when the reader takes them. */
  #snapshot(from: number | undefined): Batch {
    const pieces = [...this.#source.snapshot()];
    const seq = pieces.at(-1)?.seq ?? this.#source.seq;
    const gap = from === undefined ? undefined : gapOf([Math.min(from, seq) + 1, seq], 'no longer held');
    return { frames: { [Symbol.iterator]: () => snapshotFrames(pieces, gap) }, seq };
  }

  #time(seq: number): Batch {
    const delta: DeltaMessage = { v: feedVersion, type: 'delta', seq: [seq + 1, seq], t: this.#source.now() };
    return { frames: [frameOf(delta)], seq };
  }
}

function dueOf({ isBehind, intervalMs, sentAt }: FeedReader): number {
  return sentAt + (isBehind ? intervalMs : Math.max(quietMs, intervalMs));
}

function gapOf(seq: readonly [number, number], why: string): GapMessage {
  return { v: feedVersion, type: 'gap', seq, why };
}

function* snapshotFrames(pieces: readonly SnapshotMessage[], gap: GapMessage | undefined): Generator<string> {
  if (gap !== undefined) yield frameOf(gap);
  for (const piece of pieces)
    for (const part of snapshotPieces(piece)) yield frameOf(part, part.more ? undefined : part.seq);
}

function* joined(first: Iterable<string>, then: Iterable<string>): Generator<string> {
  yield* first;
  yield* then;
}
