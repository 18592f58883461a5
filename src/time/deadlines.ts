import type { Clock, TimerHandle } from './clock.js';
import { boundedMs } from './duration.js';

/** Something that may run out of time. Reusable: arm it again once it was disarmed or has fired. */
export class Deadline {
  /** @internal */ at = 0;
  /** @internal */ lane: Lane | undefined;
  /** @internal */ previous: Deadline | undefined;
  /** @internal */ next: Deadline | undefined;
  constructor(readonly expire: () => void) {}
}

/** All deadlines of one length, in the order they were armed, which is the order they expire. */
interface Lane {
  readonly ms: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
  timer: TimerHandle | undefined;
}

/**
 * Many deadlines on few timers: one timer per length, armed for the oldest deadline and left to run when that one is
 * met. Arming and disarming are pointer moves, where a timer each costs about a microsecond (see `npm run bench`).
 * A timer holds the process open only while something waits on it.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lanes = new Map<number, Lane>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Arms a deadline `duration` milliseconds from now, or as far off as timers go. It must not be armed already. */
  arm(deadline: Deadline, duration: number): void {
    const ms = boundedMs(duration);
    let lane = this.#lanes.get(ms);
    if (lane === undefined) {
      lane = { ms, head: undefined, tail: undefined, timer: undefined };
      this.#lanes.set(ms, lane);
    }
    deadline.at = this.#clock.now() + ms;
    deadline.lane = lane;
    deadline.previous = lane.tail;
    if (lane.tail === undefined) {
      lane.head = deadline;
      if (lane.timer === undefined) this.#startTimer(lane, ms);
      else lane.timer.ref?.();
    } else {
      lane.tail.next = deadline;
    }
    lane.tail = deadline;
  }

  /** Disarms a deadline; nothing happens if it is not armed. */
  disarm(deadline: Deadline): void {
    const lane = deadline.lane;
    if (lane === undefined) return;
    const { previous, next } = deadline;
    if (previous === undefined) lane.head = next;
    else previous.next = next;
    if (next === undefined) lane.tail = previous;
    else next.previous = previous;
    deadline.lane = deadline.previous = deadline.next = undefined;
    if (lane.head === undefined) lane.timer?.unref?.();
  }

  /** Forgets every deadline and clears every timer. */
  close(): void {
    for (const lane of this.#lanes.values()) {
      while (lane.head !== undefined) this.disarm(lane.head);
      this.#clock.clearTimeout(lane.timer);
      lane.timer = undefined;
    }
    this.#lanes.clear();
  }

  #startTimer(lane: Lane, ms: number): void {
    lane.timer = this.#clock.setTimeout(() => this.#expire(lane), ms);
    lane.timer.ref?.();
  }

  #expire(lane: Lane): void {
    lane.timer = undefined;
    const now = this.#clock.now();
    for (let head = lane.head; head !== undefined && head.at <= now; head = lane.head) {
      this.disarm(head);
      head.expire();
    }
    if (lane.timer !== undefined) return; // an expired deadline was armed again
    if (this.#lanes.get(lane.ms) !== lane) return; // one of them closed us
    if (lane.head === undefined) this.#lanes.delete(lane.ms);
    else this.#startTimer(lane, Math.max(lane.head.at - now, 1));
  }
}
