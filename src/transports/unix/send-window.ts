import type { Clock } from '../../time/clock.js';

export interface SendWindowSettings {
  readonly clock: Clock;
  /** Requests that may be in flight. */
  readonly maxInFlight: number;
  /** Milliseconds after which the oldest request in flight holds up those behind it. */
  readonly slowMs: number;
}

/** What is to be known of answers that came together. */
export interface AnswersSeen {
  readonly count: number;
  /** As many requests were in flight as the window lets through, and more would have been sent. */
  readonly wasFull: boolean;
  /** The oldest request had waited too long. */
  readonly wasLate: boolean;
}

/**
 * How many requests may be in flight on one connection without holding each other up, as far as one can tell.
 *
 * What was sent behind a slow one waits for it. So how many may be behind begins at none, grows with every answer that came
 * soon while more would have been sent, and begins anew with one that did not, and after a pause.
 */
export class SendWindow {
  readonly #settings: SendWindowSettings;
  #size = 1;
  /** Whether the last answer was one that held up what was behind it. */
  #wasSlow = false;
  /** When the oldest request in flight became that, or when there was none any more. */
  #since: number;

  constructor(settings: SendWindowSettings) {
    this.#settings = settings;
    this.#since = settings.clock.now();
  }

  get size(): number {
    return this.#size;
  }

  get wasSlow(): boolean {
    return this.#wasSlow;
  }

  /** Milliseconds since the oldest request in flight became that, or since there was none any more. */
  elapsedMs(now: number): number {
    return now - this.#since;
  }

  /** A request is sent while none is in flight. What was learnt of the server before a pause tells nothing of it. */
  begin(): void {
    const now = this.#settings.clock.now();
    if (this.elapsedMs(now) > this.#settings.slowMs) {
      this.#size = 1;
      this.#wasSlow = false;
    }
    this.#since = now;
  }

  learn({ count, wasFull, wasLate }: AnswersSeen, now: number): void {
    this.#since = now;
    this.#wasSlow = wasLate;
    if (wasLate) this.#size = 1;
    else if (wasFull) this.#size = Math.min(this.#size + count, this.#settings.maxInFlight);
  }
}
