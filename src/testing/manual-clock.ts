import { setImmediate } from 'node:timers/promises';
import type { Clock, TimerHandle } from '../time/clock.js';

class ManualTimer implements TimerHandle {
  holds = false;

  constructor(
    readonly at: number,
    readonly order: number,
    readonly callback: () => void,
  ) {}

  ref(): void {
    this.holds = true;
  }

  unref(): void {
    this.holds = false;
  }
}

/**
 * Time that passes when a test says so. It steps from timer to timer, so that a timer armed inside a callback fires at
 * its own time.
 */
export class ManualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<ManualTimer>();

  /** Number of timers that are armed. */
  get size(): number {
    return this.#timers.size;
  }

  /** Number of timers that, on the system clock, would hold the process open. */
  get holding(): number {
    return [...this.#timers].filter(({ holds }) => holds).length;
  }

  /** Milliseconds until the next timer; undefined if none is armed. */
  get next(): number | undefined {
    const next = this.#first(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.at - this.#now;
  }

  readonly now = (): number => this.#now;

  readonly setTimeout = (callback: () => void, ms: number): TimerHandle => {
    const timer = new ManualTimer(this.#in(ms), ++this.#order, callback);
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: TimerHandle | undefined): void => {
    this.#timers.delete(timer as ManualTimer);
  };

  /** Lets `ms` milliseconds pass. */
  advance(ms: number): void {
    const end = this.#in(ms);
    for (let timer = this.#first(end); timer !== undefined; timer = this.#first(end)) {
      this.#timers.delete(timer);
      this.#passTo(timer.at);
      timer.callback();
    }
    this.#passTo(end);
  }

  /**
   * Lets `ms` milliseconds pass and whatever waits for promises go on, before, between and after the timers. With 0,
   * only the latter.
   */
  async run(ms: number): Promise<void> {
    const end = this.#in(ms);
    await setImmediate();
    for (let timer = this.#first(end); timer !== undefined; timer = this.#first(end)) {
      this.advance(timer.at - this.#now);
      await setImmediate();
    }
    this.advance(end - this.#now);
  }

  /** The time in `ms` milliseconds; what is no time, or is over, is now. */
  #in(ms: number): number {
    return this.#now + (ms > 0 ? ms : 0);
  }

  /** Time may have passed further already: in a timer's callback, or because somebody else lets it pass too. */
  #passTo(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  #first(end: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}
