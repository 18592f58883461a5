import { heapInUse } from './heap-in-use.js';

/** Megabytes that code which is compiled on the way may take. */
const slack = 15;

/** Looks at the heap now and then, after garbage was collected. */
export class HeapWatch {
  readonly #megabytes: number[] = [];

  /** @returns megabytes */
  look(): number {
    const megabytes = heapInUse();
    this.#megabytes.push(megabytes);
    return megabytes;
  }

  /** What it was after a fifth of the time, when all is compiled and filled, and the last time. */
  get ends(): { readonly settled: number; readonly last: number } {
    const settled = this.#megabytes[Math.floor(this.#megabytes.length / 5)] ?? 0;
    return { settled, last: this.#megabytes.at(-1) ?? settled };
  }

  get grows(): boolean {
    return this.ends.last > this.ends.settled + slack;
  }
}
