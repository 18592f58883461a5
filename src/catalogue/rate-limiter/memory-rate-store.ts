import { createHash } from 'node:crypto';
import type { Clock } from '../../time/clock.js';
import { type CountedKey, NotCountedError, type RateStore } from './rate-store.js';
import { FixedWindow, type RateCounter, SlidingWindow, TokenBucket, type Verdict } from './rate-counter.js';

/** Keys that are counted at once. None is forgotten before its time, or a flood of others would give its calls back. */
export const mostKeys = 100_000;
/**
 * Times that sliding windows remember, in all, before calls share some. A key that is counted already goes on with those
 * of a few parts of its window.
 */
const mostTimes = 1_000_000;
/** Characters of a key that are kept as they are. */
const longestKey = 200;
/** Milliseconds between two looks through all keys for those that are over. */
const sweepMs = 1_000;

const counters = { fixed_window: FixedWindow, sliding_window: SlidingWindow, token_bucket: TokenBucket } as const;

/** Counts in this process. */
export class MemoryRateStore implements RateStore {
  readonly #clock: Clock;
  readonly #algorithm: keyof typeof counters;
  readonly #counters = new Map<string, RateCounter>();
  #times = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(algorithm: keyof typeof counters, clock: Clock) {
    this.#algorithm = algorithm;
    this.#clock = clock;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  take(keys: readonly CountedKey[]): readonly Verdict[] {
    const now = this.#clock.now();
    this.#makeRoom(keys, now);
    return keys.map((key) => this.#take(key, now));
  }

  close(): Promise<void> {
    this.#counters.clear();
    return Promise.resolve();
  }

  #take({ key, ...rate }: CountedKey, now: number): Verdict {
    const name = nameOf(key, rate);
    let counter = this.#counters.get(name);
    if (counter === undefined) this.#counters.set(name, (counter = new counters[this.#algorithm](rate)));
    const before = counter.size;
    const verdict = counter.take(now, this.#times >= mostTimes);
    this.#times += counter.size - before;
    return verdict;
  }

  /** @throws NotCountedError where there is none for what is not counted yet */
  #makeRoom(keys: readonly CountedKey[], now: number): void {
    if (this.#shortage(keys) === undefined) return;
    if (now >= this.#sweptAt + sweepMs) this.#sweep(now);
    const shortage = this.#shortage(keys);
    if (shortage === undefined) return;
    throw new NotCountedError('full', `as many ${shortage}`);
  }

  /** What there are too many of for new keys; undefined where all can be counted. */
  #shortage(keys: readonly CountedKey[]): string | undefined {
    const hasTimes = this.#times + keys.length <= mostTimes;
    if (hasTimes && this.#counters.size + keys.length <= mostKeys) return undefined;
    const added = keys.filter(({ key, windowMs }) => !this.#counters.has(nameOf(key, { windowMs }))).length;
    if (added === 0) return undefined;
    if (this.#counters.size + added > mostKeys) return `keys are counted as there is room for, which is ${mostKeys}`;
    return hasTimes ? undefined : `times of calls are remembered as there is room for, which is ${mostTimes}`;
  }

  #sweep(now: number): void {
    this.#sweptAt = now;
    for (const [name, counter] of this.#counters) {
      const before = counter.size;
      if (counter.forget(now)) this.#counters.delete(name);
      this.#times += counter.size - before;
    }
  }
}

/** What a key is called here, in so many characters at most, however long ids are. */
function nameOf(key: string, { windowMs }: { readonly windowMs: number }): string {
  return `${windowMs} ${key.length > longestKey ? createHash('sha256').update(key).digest('base64') : key}`;
}
