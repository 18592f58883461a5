/** How many entries stand in one chunk: what an append copies at most. */
const chunkSize = 256;

/**
 * The newest entries of something that has no end. Each append makes a new one, which has all but its last chunk in common
 * with the one before: whoever looks at an earlier time keeps what was there.
 */
export class Ring<Entry> {
  readonly #chunks: readonly (readonly Entry[])[];
  /** Where the first one begins inside the first chunk. */
  readonly #start: number;
  readonly length: number;
  readonly #most: number;

  private constructor(most: number, chunks: readonly (readonly Entry[])[], start: number, length: number) {
    this.#most = most;
    this.#chunks = chunks;
    this.#start = start;
    this.length = length;
  }

  /** An empty one that will hold `most` entries. */
  static holding<Entry>(most: number): Ring<Entry> {
    return new Ring<Entry>(most, [], 0, 0);
  }

  append(entries: readonly Entry[]): Ring<Entry> {
    if (entries.length === 0) return this;
    const chunks = [...this.#chunks];
    let open = chunks.at(-1)?.length === chunkSize ? [] : [...(chunks.pop() ?? [])];
    for (const entry of entries) {
      if (open.length === chunkSize) {
        chunks.push(open);
        open = [];
      }
      open.push(entry);
    }
    chunks.push(open);
    const held = this.length + entries.length;
    let start = this.#start + Math.max(0, held - this.#most);
    while (start >= chunkSize) {
      chunks.shift();
      start -= chunkSize;
    }
    return new Ring(this.#most, chunks, start, Math.min(held, this.#most));
  }

  /** Negative counts from the newest. */
  at(index: number): Entry | undefined {
    const place = index < 0 ? this.length + index : index;
    if (place < 0 || place >= this.length) return undefined;
    const inChunks = this.#start + place;
    return this.#chunks[Math.floor(inChunks / chunkSize)]?.[inChunks % chunkSize];
  }

  /** Index of the first entry that `isPast` holds for, where it holds for all after that one too; else the length. */
  firstWhere(isPast: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.at(middle);
      if (entry !== undefined && isPast(entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The oldest first. */
  *[Symbol.iterator](): Generator<Entry, void> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as Entry;
  }

  *newestFirst(): Generator<Entry, void> {
    for (let index = this.length - 1; index >= 0; index--) yield this.at(index) as Entry;
  }

  /** Those up to, but not with, `end`. */
  upTo(end: number): Ring<Entry> {
    if (end >= this.length) return this;
    const last = this.#start + end;
    const whole = this.#chunks.slice(0, Math.floor(last / chunkSize));
    const rest = this.#chunks[whole.length]?.slice(0, last % chunkSize) ?? [];
    return new Ring(this.#most, rest.length === 0 ? whole : [...whole, rest], this.#start, Math.max(0, end));
  }
}
