import type { Clock, TimerHandle } from '../../time/clock.js';

/** One timer of a simulated world. */
class SimulatedTimer implements TimerHandle {
  isArmed = true;

  constructor(
    readonly at: number,
    readonly order: number,
    readonly callback: () => void,
  ) {}

  /** No process is held open by it. */
  ref(): void {}
}

/**
 * Time that passes timer by timer, for worlds with many of them: a heap, where `ManualClock` looks at every timer. Timers
 * that are due together fire in the order in which they were armed.
 */
export class SimulationClock implements Clock {
  #now = 0;
  #order = 0;
  #armed = 0;
  readonly #heap: SimulatedTimer[] = [];

  /** Timers that are armed. */
  get size(): number {
    return this.#armed;
  }

  /** When the next timer is due, or was; undefined if none is armed. */
  get nextAt(): number | undefined {
    return this.#first()?.at;
  }

  readonly now = (): number => this.#now;

  readonly setTimeout = (callback: () => void, ms: number): TimerHandle => {
    const timer = new SimulatedTimer(this.#now + Math.max(0, ms), ++this.#order, callback);
    this.#armed++;
    this.#push(timer);
    return timer;
  };

  readonly clearTimeout = (timer: TimerHandle | undefined): void => {
    if (!(timer instanceof SimulatedTimer) || !timer.isArmed) return;
    timer.isArmed = false;
    this.#armed--;
  };

  /** Moves on to the next timer, and fires it; one that is late fires now. False if none is armed. */
  fire(): boolean {
    const timer = this.#first();
    if (timer === undefined) return false;
    this.#pop();
    timer.isArmed = false;
    this.#armed--;
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
    return true;
  }

  /** Moves on to a time without firing anything: the machine slept, and what was due in between is late. */
  jumpTo(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  #first(): SimulatedTimer | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.isArmed) return first;
      this.#pop();
    }
    return undefined;
  }

  #push(timer: SimulatedTimer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const one = heap[left];
      if (one === undefined) break;
      const other = heap[left + 1];
      const isOther = other !== undefined && isBefore(other, one);
      const child = isOther ? other : one;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = isOther ? left + 1 : left;
    }
    heap[index] = last;
  }
}

function isBefore(one: SimulatedTimer, other: SimulatedTimer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
