import type { ObservedActor } from '../../../../actors/actor-observer.js';
import type { ActorRecord } from './actor-record.js';
import type { KeptEvent } from './event-log.js';

/** Deeper than this is nothing that nests, but actors that broke off without a word. */
const deepest = 64;

/** The actors that are at work now, each on what the one below it sent. Kept without making anything. */
export class WorkStack {
  readonly #actors: (ObservedActor | undefined)[] = [];
  readonly #records: (ActorRecord | undefined)[] = [];
  readonly #kept: (KeptEvent | undefined)[] = [];
  #depth = 0;

  /** Whoever is at work now. */
  get record(): ActorRecord | undefined {
    return this.#depth === 0 ? undefined : this.#records[this.#depth - 1];
  }

  /** Number of the event that is worked on now; 0 where it is not told. */
  get cause(): number {
    return this.#depth === 0 ? 0 : (this.#kept[this.#depth - 1]?.s ?? 0);
  }

  /** One that is at work already has broken off: nobody was told of its end, nor of those above it. */
  settle(actor: ObservedActor): void {
    if (this.#depth >= deepest) this.#depth = 0;
    for (let index = 0; index < this.#depth; index++) {
      if (this.#actors[index] === actor || this.#records[index]?.ended !== undefined) this.#depth = index;
    }
  }

  push(actor: ObservedActor, record: ActorRecord, kept: KeptEvent | undefined): void {
    this.#actors[this.#depth] = actor;
    this.#records[this.#depth] = record;
    this.#kept[this.#depth++] = kept;
  }

  /** @returns its place, for {@link keptAt}; -1 where it is not at work */
  leave(actor: ObservedActor): number {
    for (let index = this.#depth - 1; index >= 0; index--) {
      if (this.#actors[index] !== actor) continue;
      this.#depth = index;
      return index;
    }
    return -1;
  }

  /** What was kept of the event of the one that has just left. */
  keptAt(place: number): KeptEvent | undefined {
    const kept = this.#kept[place];
    this.#actors[place] = this.#records[place] = this.#kept[place] = undefined;
    return kept;
  }
}
