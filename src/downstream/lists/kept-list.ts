import type { Listed, ServerList } from '../server-set-api.js';

/** Asks for the whole list. */
export type ReadList = () => Promise<readonly Listed[]>;

/** Reading that is under way; `next` is there once what it reads may be out of date. */
interface Reading {
  readonly done: Promise<void>;
  next: ReadList | undefined;
}

/** One list of one server, as it was when it was read last. It is read by one at a time. */
export class KeptList {
  readonly #now: () => number;
  readonly #onChanged: () => void;
  #items: readonly Listed[] | undefined;
  /** The items as JSON, to see whether they changed. */
  #text: string | undefined;
  #asOf = 0;
  /** Whether it may have changed since it was read. */
  #isOutdated = true;
  #reading: Reading | undefined;

  /** @param onChanged hears that other items are there. Must not throw */
  constructor(now: () => number, onChanged: () => void) {
    this.#now = now;
    this.#onChanged = onChanged;
  }

  get items(): readonly Listed[] | undefined {
    return this.#items;
  }

  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** Undefined where it was never read. @param isAway whether the server cannot tell of changes now */
  view(isAway: boolean): ServerList | undefined {
    if (this.#items === undefined) return undefined;
    return { items: this.#items, isStale: this.#isOutdated || isAway, asOf: this.#asOf };
  }

  /** It may have changed, and cannot be read now. */
  outdate(): void {
    this.#isOutdated = true;
  }

  /** Reads it, once more where it is being read; settles when what is there is no older than this call. @throws what `read` throws */
  refresh(read: ReadList): Promise<void> {
    this.#isOutdated = true;
    if (this.#reading !== undefined) {
      this.#reading.next = read;
      return this.#reading.done;
    }
    const done = this.#read(read);
    return done;
  }

  /** The reading that is under way. */
  get refreshing(): Promise<void> | undefined {
    return this.#reading?.done;
  }

  #read(read: ReadList): Promise<void> {
    const work = async (): Promise<void> => {
      let next: ReadList | undefined = read;
      try {
        while (next !== undefined) {
          const now: ReadList = next;
          reading.next = undefined;
          try {
            this.#take(await now());
          } catch (error) {
            // What was asked for meanwhile may find a link that is new.
            if (reading.next === undefined) throw error;
          }
          next = reading.next;
        }
        this.#isOutdated = false;
      } finally {
        this.#reading = undefined;
      }
    };
    const reading: { done: Promise<void>; next: ReadList | undefined } = { done: Promise.resolve(), next: undefined };
    this.#reading = reading;
    reading.done = work();
    return reading.done;
  }

  #take(items: readonly Listed[]): void {
    const text = JSON.stringify(items);
    this.#asOf = this.#now();
    if (text === this.#text) return;
    this.#items = items;
    this.#text = text;
    this.#onChanged();
  }
}
