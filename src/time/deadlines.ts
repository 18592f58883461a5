import type { Clock, TimerHandle } from './clock.js';
import { boundedMs } from './duration.js';

/** Something that may run out of time. Reusable: arm it again once it was disarmed or has expired. */
export interface Expires {
  /** @internal */ dueAt: number;
  /** @internal Place among all that were ever armed. */ order: number;
  /** @internal When it was due when it got its place in the queue. */ placedAt: number;
  /** @internal Whether it was armed again since. */ isMoved: boolean;
  /** @internal */ queue: ExpiryQueue | undefined;
  /** @internal */ previous: Expires | undefined;
  /** @internal */ next: Expires | undefined;
  /** Its time is over. */
  expire(): void;
}

/** The same to extend, for what is not made so often that the 10 ns of a class that extends another matter (V8 11.3). */
export abstract class Expiring implements Expires {
  /** @internal */ dueAt = 0;
  /** @internal */ order = 0;
  /** @internal */ placedAt = 0;
  /** @internal */ isMoved = false;
  /** @internal */ queue: ExpiryQueue | undefined = undefined;
  /** @internal */ previous: Expires | undefined = undefined;
  /** @internal */ next: Expires | undefined = undefined;
  abstract expire(): void;
}

/** Calls a function when its time is over. */
export class Deadline extends Expiring {
  readonly #expired: () => void;

  constructor(expired: () => void) {
    super();
    this.#expired = expired;
  }

  override expire(): void {
    this.#expired();
  }
}

/** All deadlines of one duration, in the order they were armed, which is the order they expire; but for those that were moved. */
export interface ExpiryQueue {
  readonly ms: number;
  head: Expires | undefined;
  tail: Expires | undefined;
  timer: TimerHandle | undefined;
}

/**
 * Many deadlines on few timers: one timer per duration, armed for the oldest deadline and left to run when that one is
 * met. Arming and disarming are pointer moves, where a timer each costs about a microsecond (see `npm run bench`). One that
 * is armed again for as long, as by each plugin of a chain, keeps its place until that would expire, and goes to its own then.
 * A timer holds the process open only while something waits on it.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #queues = new Map<number, ExpiryQueue>();
  #armed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds on the clock of these deadlines. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * Arms a deadline `duration` milliseconds from `start`, or as far off as timers go. One that is armed already is moved.
   *
   * @param start the present, or shortly before it: one that was armed in between expires first
   */
  arm(deadline: Expires, duration: number, start: number = this.now()): void {
    const ms = boundedMs(duration);
    deadline.order = ++this.#armed;
    deadline.dueAt = start + ms;
    const armed = deadline.queue;
    if (armed !== undefined) {
      if (armed.ms === ms) {
        deadline.isMoved = true;
        return;
      }
      this.disarm(deadline);
    }
    let queue = this.#queues.get(ms);
    if (queue === undefined) {
      queue = { ms, head: undefined, tail: undefined, timer: undefined };
      this.#queues.set(ms, queue);
    }
    const isFirst = queue.head === undefined;
    place(deadline, queue);
    if (!isFirst) return;
    if (queue.timer === undefined) this.#startTimer(queue, ms);
    else queue.timer.ref?.();
  }

  /** Disarms a deadline; nothing happens if it is not armed. */
  disarm(deadline: Expires): void {
    const queue = deadline.queue;
    if (queue === undefined) return;
    unlink(deadline, queue);
    if (queue.head === undefined) queue.timer?.unref?.();
  }

  /** Forgets every deadline and clears every timer. */
  close(): void {
    for (const queue of this.#queues.values()) {
      while (queue.head !== undefined) this.disarm(queue.head);
      this.#clock.clearTimeout(queue.timer);
      queue.timer = undefined;
    }
    this.#queues.clear();
  }

  #startTimer(queue: ExpiryQueue, ms: number): void {
    queue.timer = this.#clock.setTimeout(() => this.#expire(queue), ms);
    queue.timer.ref?.();
  }

  #expire(queue: ExpiryQueue): void {
    queue.timer = undefined;
    const now = this.#clock.now();
    for (let head = queue.head; head !== undefined && head.placedAt <= now; head = queue.head) {
      if (head.isMoved) {
        unlink(head, queue);
        place(head, queue);
        continue;
      }
      this.disarm(head);
      head.expire();
    }
    if (queue.timer !== undefined) return; // an expired deadline was armed again
    if (this.#queues.get(queue.ms) !== queue) return; // one of them closed us
    if (queue.head === undefined) this.#queues.delete(queue.ms);
    else this.#startTimer(queue, Math.max(queue.head.placedAt - now, 1));
  }
}

/** Puts a deadline behind those that were armed before it. One that was moved may have a place before it nevertheless. */
function place(deadline: Expires, queue: ExpiryQueue): void {
  let before = queue.tail;
  while (before !== undefined && before.order > deadline.order) before = before.previous;
  const after = before === undefined ? queue.head : before.next;
  deadline.queue = queue;
  deadline.previous = before;
  deadline.next = after;
  deadline.placedAt = deadline.dueAt;
  deadline.isMoved = false;
  if (before === undefined) queue.head = deadline;
  else before.next = deadline;
  if (after === undefined) queue.tail = deadline;
  else after.previous = deadline;
}

function unlink(deadline: Expires, queue: ExpiryQueue): void {
  const { previous, next } = deadline;
  if (previous === undefined) queue.head = next;
  else previous.next = next;
  if (next === undefined) queue.tail = previous;
  else next.previous = previous;
  deadline.queue = deadline.previous = deadline.next = undefined;
}
