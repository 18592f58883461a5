import type { HookMap } from '../../hooks/hook.js';
import type { PoolEntry } from './manager-pool-entry.js';

/** The keys of a pool, of which not more than `max` have a manager. The others wait for room, in the order in which they came. */
export class PoolKeys<Hooks extends HookMap> {
  readonly #entries = new Map<string, PoolEntry<Hooks>>();
  readonly #max: number;
  #asks = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Number of keys that have a manager, or get one. */
  get admitted(): number {
    return this.#admitted().length;
  }

  [Symbol.iterator](): IterableIterator<PoolEntry<Hooks>> {
    return this.#entries.values();
  }

  get(key: string): PoolEntry<Hooks> | undefined {
    return this.#entries.get(key);
  }

  add(entry: PoolEntry<Hooks>): void {
    this.#entries.set(entry.key, entry);
  }

  /** True if it was there. */
  delete(entry: PoolEntry<Hooks>): boolean {
    return this.#entries.get(entry.key) === entry && this.#entries.delete(entry.key);
  }

  /** Remembers that somebody asked for a key. */
  noteAsk(entry: PoolEntry<Hooks>): void {
    entry.lastAsk = ++this.#asks;
  }

  /** Admits those that wait, as long as there is room or others can be retired for them. */
  makeRoom(): void {
    for (const next of [...this.#entries.values()].filter(({ isQueued }) => isQueued)) {
      if (this.admitted >= this.#max) this.#leastUsed()?.send('retire');
      // Nobody can go yet, and those behind it wait as well: this is called again when something has changed.
      if (this.admitted >= this.#max) return;
      next.send('admit');
    }
  }

  #admitted(): PoolEntry<Hooks>[] {
    return [...this.#entries.values()].filter(({ hasRoom }) => hasRoom);
  }

  /** Of those that nobody waits for, the one that was not asked for the longest; those that are in use come last. */
  #leastUsed(): PoolEntry<Hooks> | undefined {
    const [first] = this.#admitted()
      .filter(({ state }) => state === 'ready' || state === 'stale')
      .sort((a, b) => Number(a.uses > 0) - Number(b.uses > 0) || a.lastAsk - b.lastAsk);
    return first;
  }
}
