import type { PageClock } from '../feed/page-clock.js';

/** Milliseconds between two addresses: a browser refuses those that change more often, over seconds. */
export const leastMs = 60;

/** The events that steps go along. */
export interface CursorSteps {
  /** Reads what is around an event. */
  read(seq: number): Promise<void>;
  /** Number of the event that is `by` events further on, or back. */
  moved(seq: number, by: number): number;
}

/** What becomes of where the cursor is meant to stand. */
export interface CursorListener {
  /** It stands elsewhere. */
  moved(): void;
  /** Puts the event into the address. */
  write(seq: number): void;
}

/**
 * Where the cursor of a recording is meant to stand. The address follows as often as a browser lets it, and what is drawn
 * follows the address: whoever presses a key five times means five events, so that steps count from here.
 */
export class MeantCursor {
  readonly #clock: PageClock;
  readonly #listener: CursorListener;
  #seq: number;
  #written: number;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #stopTimer: (() => void) | undefined;
  #stepping: Promise<void> = Promise.resolve();
  /** Another number after each place that was named: steps that wait until then count from a place that is left. */
  #places = 0;

  constructor(seq: number, clock: PageClock, listener: CursorListener) {
    [this.#seq, this.#written] = [seq, seq];
    [this.#clock, this.#listener] = [clock, listener];
  }

  /** Number of the event. */
  get seq(): number {
    return this.#seq;
  }

  /** The address names an event. Where it was not written from here, somebody wants to go there. */
  follow(seq: number): void {
    if (seq === this.#written) return;
    this.close();
    [this.#seq, this.#written] = [seq, seq];
    this.#listener.moved();
  }

  to(seq: number): void {
    this.#places++;
    this.#place(seq);
  }

  /** So many events on, or back, from wherever the steps before it lead. */
  by(events: number, steps: CursorSteps): Promise<void> {
    const places = this.#places;
    const step = async () => {
      if (places === this.#places) await steps.read(this.#seq);
      if (places === this.#places) this.#place(steps.moved(this.#seq, events));
    };
    const stepping = this.#stepping.then(step);
    this.#stepping = stepping.catch(() => undefined);
    return stepping;
  }

  /** Writes nothing any more, also not where steps lead that are still read. */
  close(): void {
    this.#places++;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #place(seq: number): void {
    this.#seq = seq;
    this.#listener.moved();
    if (this.#stopTimer !== undefined) return;
    const wait = this.#writtenAt + leastMs - this.#clock.now();
    if (wait <= 0) this.#send();
    else this.#stopTimer = this.#clock.after(wait, () => this.#send());
  }

  #send(): void {
    this.#stopTimer = undefined;
    this.#writtenAt = this.#clock.now();
    this.#written = this.#seq;
    this.#listener.write(this.#seq);
  }
}
