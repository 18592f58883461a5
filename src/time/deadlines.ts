import type { Clock, TimerHandle } from './clock.js';
import { boundedMs } from './duration.js';

/** Something that may run out of time. Reusable: arm it again once it was disarmed or has fired. */
export class Deadline {
  /** @internal */ at = 0;
  /** @internal */ queue: ExpiryQueue | undefined;
  /** @internal */ previous: Deadline | undefined;
  /** @internal */ next: Deadline | undefined;
  constructor(readonly expire: () => void) {}
}

/** All deadlines of one duration, in the order they were armed, which is the order they expire. */
interface ExpiryQueue {
  readonly ms: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
  timer: TimerHandle | undefined;
}

/**
 * Many deadlines on few timers: one timer per duration, armed for the oldest deadline and left to run when that one is
 * met. Arming and disarming are pointer moves, where a timer each costs about a microsecond (see `npm run bench`).
 * A timer holds the process open only while something waits on it.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #queues = new Map<number, ExpiryQueue>();

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
  arm(deadline: Deadline, duration: number, start: number = this.now()): void {
    const ms = boundedMs(duration);
    const armed = deadline.queue;
    if (armed !== undefined) {
      // Alone in its queue, as that of a short life mostly is: there is nothing to move, and no timer to hold or let go.
      if (armed.ms === ms && armed.head === deadline && armed.tail === deadline) {
        deadline.at = start + ms;
        return;
      }
      this.disarm(deadline);
    }
    let queue = this.#queues.get(ms);
    if (queue === undefined) {
      queue = { ms, head: undefined, tail: undefined, timer: undefined };
      this.#queues.set(ms, queue);
    }
    deadline.at = start + ms;
    deadline.queue = queue;
    deadline.previous = queue.tail;
    if (queue.tail === undefined) {
      queue.head = deadline;
      if (queue.timer === undefined) this.#startTimer(queue, ms);
      else queue.timer.ref?.();
    } else {
      queue.tail.next = deadline;
    }
    queue.tail = deadline;
  }

  /** Disarms a deadline; nothing happens if it is not armed. */
  disarm(deadline: Deadline): void {
    const queue = deadline.queue;
    if (queue === undefined) return;
    const { previous, next } = deadline;
    if (previous === undefined) queue.head = next;
    else previous.next = next;
    if (next === undefined) queue.tail = previous;
    else next.previous = previous;
    deadline.queue = deadline.previous = deadline.next = undefined;
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
    for (let head = queue.head; head !== undefined && head.at <= now; head = queue.head) {
      this.disarm(head);
      head.expire();
    }
    if (queue.timer !== undefined) return; // an expired deadline was armed again
    if (this.#queues.get(queue.ms) !== queue) return; // one of them closed us
    if (queue.head === undefined) this.#queues.delete(queue.ms);
    else this.#startTimer(queue, Math.max(queue.head.at - now, 1));
  }
}
