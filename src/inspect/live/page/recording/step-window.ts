import type { FeedEvent } from '../../feed/feed-states.js';

/** Events in one answer. */
const windowSize = 500;
/** How many are wanted before the cursor, and behind it. */
const [wantedBefore, wantedAfter] = [24, 120];
/** Twice as many as it takes to halve the largest number to nothing. */
const mostAttempts = 110;

/** Reads events of a recording from a number on, in their order: fewer than asked for where it ends. */
export type LoadSteps = (from: number, count: number) => Promise<readonly FeedEvent[]>;

/**
 * The events of a recording around its cursor, as far as they were read. Numbers have holes where nothing was recorded, so
 * that an event is found by looking, not by counting.
 */
export class StepWindow {
  readonly #load: LoadSteps;
  #events: readonly FeedEvent[] = [];
  /** All events from this number to the last of them are here. */
  #from = 0;
  #isEnd = false;
  #reading: Promise<void> | undefined;

  constructor(load: LoadSteps) {
    this.#load = load;
  }

  /** The event at a number, or the last one before it. */
  at(seq: number): FeedEvent | undefined {
    return this.#covers(seq) ? this.#events[this.#indexAfter(seq) - 1] : undefined;
  }

  after(seq: number): FeedEvent | undefined {
    return this.#covers(seq) ? this.#events[this.#indexAfter(seq)] : undefined;
  }

  /** So many events up to a number and behind it, as far as they were read. */
  around(seq: number, before: number, after: number): readonly FeedEvent[] {
    if (!this.#covers(seq)) return [];
    const index = this.#indexAfter(seq);
    return this.#events.slice(Math.max(0, index - before), index + after);
  }

  /** Number of the event that is `by` events further on, or back; 0 is before the first one. */
  moved(seq: number, by: number): number {
    const index = this.#indexAfter(seq) - 1 + by;
    if (index < 0) return this.#from === 0 ? 0 : (this.#events[0]?.s ?? 0);
    return this.#events[Math.min(index, this.#events.length - 1)]?.s ?? seq;
  }

  /** Reads what is around a number, where it is not there yet. One after the other, so that the last one asked for counts. */
  read(seq: number): Promise<void> {
    if (this.#suffices(seq)) return this.#reading ?? Promise.resolve();
    const reading = (this.#reading ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => (this.#suffices(seq) ? undefined : this.#read(seq)))
      .finally(() => {
        if (this.#reading === reading) this.#reading = undefined;
      });
    this.#reading = reading;
    return reading;
  }

  /** Where to begin is found by halving: few enough before the cursor to reach it, and enough to see what led there. */
  async #read(seq: number): Promise<void> {
    let [tooMany, tooFew] = [-1, seq];
    let from = Math.max(0, seq - 2 * wantedBefore);
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const events = await this.#load(from, windowSize);
      const isEnd = events.length < windowSize;
      const reaches = isEnd || (events.at(-1)?.s ?? 0) >= seq;
      const before = events.filter(({ s }) => s <= seq).length;
      if (reaches && (before >= wantedBefore || from === 0 || from - tooMany <= 1)) {
        [this.#events, this.#from, this.#isEnd] = [events, from, isEnd];
        return;
      }
      if (reaches) {
        tooFew = from;
        from = tooMany < 0 ? Math.max(0, seq - 8 * (seq - from)) : Math.ceil((tooMany + from) / 2);
      } else {
        tooMany = from;
        from = Math.max(from + 1, Math.floor((from + tooFew) / 2));
      }
    }
  }

  #covers(seq: number): boolean {
    const last = this.#events.at(-1)?.s;
    return seq >= this.#from && (this.#isEnd || (last !== undefined && seq <= last));
  }

  #suffices(seq: number): boolean {
    if (!this.#covers(seq)) return false;
    const index = this.#indexAfter(seq);
    const enoughBefore = index >= wantedBefore || this.#from === 0;
    return enoughBefore && (this.#isEnd || this.#events.length - index >= wantedAfter);
  }

  /** Place of the first event behind a number. */
  #indexAfter(seq: number): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.s ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
