import type { Step, Turn } from './chain-step.js';

/** Plugins at work side by side in virtual time: so many at once, the next one when one ends. */
export class VirtualPool {
  /** In the order they were started, which is that of the chain. */
  readonly started: Turn[] = [];
  readonly #running = new Set<Turn>();
  readonly #waiting: Step[];
  readonly #limit: number;
  readonly #start: (step: Step) => Turn;

  /** @param size 0: no limit */
  constructor(size: number, steps: readonly Step[], start: (step: Step) => Turn) {
    this.#limit = size === 0 ? Infinity : size;
    this.#waiting = [...steps];
    this.#start = start;
    this.#fill();
  }

  /** Who is heard next: who answered at once before deadlines of the same instant, and then who was started first. */
  next(): Turn | undefined {
    let next: Turn | undefined;
    for (const turn of this.#running) if (next === undefined || isHeardBefore(turn, next)) next = turn;
    return next;
  }

  /** One has ended, at the instant it says; who waits may start. */
  release(turn: Turn): void {
    this.#running.delete(turn);
    this.#fill();
  }

  /** Nobody else starts, and all that still run are told so, but for the one who is the reason. */
  halt(reason?: Turn): readonly Turn[] {
    this.#waiting.length = 0;
    const aborted = [...this.#running].filter((turn) => turn !== reason && !turn.isAtOnce);
    for (const turn of aborted) turn.abort();
    this.#running.clear();
    return aborted;
  }

  #fill(): void {
    while (this.#running.size < this.#limit) {
      const step = this.#waiting.shift();
      if (step === undefined) return;
      const turn = this.#start(step);
      this.started.push(turn);
      this.#running.add(turn);
    }
  }
}

function isHeardBefore(one: Turn, other: Turn): boolean {
  if (one.endsAt !== other.endsAt) return one.endsAt < other.endsAt;
  return one.isAtOnce && !other.isAtOnce;
}
