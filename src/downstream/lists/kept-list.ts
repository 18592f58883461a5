import type { Listed, ServerList } from '../server-set-api.js';

/** How a whole list is read. */
export interface ListReading {
  /** The session that is asked. */
  readonly via: object;
  /** @param begun to be called when the server is about to be asked: what changes from then on is not in the answer */
  readonly read: (begun: () => void) => Promise<readonly Listed[]>;
}

/** Reading that is under way; `next` is there once what it reads may be out of date. */
interface CurrentReading {
  done: Promise<void>;
  /** Undefined once the server is being asked. */
  waitsFor: object | undefined;
  next: ListReading | undefined;
  /** Whether what it reads is out of date before it is there, with nobody to read it anew. */
  isOutdated: boolean;
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
  #reading: CurrentReading | undefined;

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
    if (this.#reading !== undefined) this.#reading.isOutdated = true;
  }

  /** Reads it, once more where it is being read; settles when what is there is no older than this call. @throws what `read` throws */
  refresh(reading: ListReading): Promise<void> {
    this.#isOutdated = true;
    const current = this.#reading;
    if (current === undefined) return this.#start(reading);
    // Whoever is about to ask on the same session will see what there is then.
    if (current.waitsFor !== reading.via) current.next = reading;
    return current.done;
  }

  /** The reading that is under way. */
  get refreshing(): Promise<void> | undefined {
    return this.#reading?.done;
  }

  #start(first: ListReading): Promise<void> {
    const current: CurrentReading = { done: Promise.resolve(), waitsFor: undefined, next: first, isOutdated: false };
    this.#reading = current;
    current.done = this.#read(current);
    return current.done;
  }

  async #read(current: CurrentReading): Promise<void> {
    const begun = (): void => {
      current.waitsFor = undefined;
    };
    try {
      while (current.next !== undefined) {
        const { via, read } = current.next;
        current.waitsFor = via;
        current.next = undefined;
        current.isOutdated = false;
        try {
          this.#take(await read(begun));
        } catch (error) {
          // What was asked for meanwhile may find a link that is new.
          if (current.next === undefined) throw error;
        }
      }
      this.#isOutdated = current.isOutdated;
    } finally {
      this.#reading = undefined;
    }
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
