import type { Rate } from './rate.js';

/** How a counter took one call. */
export interface Verdict {
  readonly allowed: boolean;
  /** Calls that may follow at once. */
  readonly remaining: number;
  /** Milliseconds until the counter lets something pass again, or has forgotten what it counted. */
  readonly resetMs: number;
}

/** What is counted under one key. */
export interface RateCounter {
  /** Times of calls that it remembers, for who bounds them. */
  readonly size: number;
  take(now: number): Verdict;
  /** Whether it has nothing to remember any more. */
  isOver(now: number): boolean;
}

/** Windows one after the other; the first call after a window begins the next one. */
export class FixedWindow implements RateCounter {
  readonly size = 0;
  readonly #rate: Rate;
  #beganAt = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  take(now: number): Verdict {
    const { count, windowMs } = this.#rate;
    if (this.isOver(now)) {
      this.#beganAt = now;
      this.#count = 0;
    }
    const allowed = this.#count < count;
    if (allowed) this.#count++;
    return { allowed, remaining: count - this.#count, resetMs: this.#beganAt + windowMs - now };
  }

  isOver(now: number): boolean {
    return now >= this.#beganAt + this.#rate.windowMs;
  }
}

/** The time of each call that passed. At no time have more passed in a window than may. */
export class SlidingWindow implements RateCounter {
  readonly #rate: Rate;
  /** From `#first` on in use. */
  #times: number[] = [];
  #first = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  get size(): number {
    return this.#times.length;
  }

  take(now: number): Verdict {
    const { count, windowMs } = this.#rate;
    this.#forget(now - windowMs);
    const used = this.#times.length - this.#first;
    const allowed = used < count;
    if (allowed) this.#times.push(now);
    const remaining = count - used - (allowed ? 1 : 0);
    return { allowed, remaining, resetMs: (this.#times[this.#first] ?? now) + windowMs - now };
  }

  isOver(now: number): boolean {
    return (this.#times.at(-1) ?? Number.NEGATIVE_INFINITY) <= now - this.#rate.windowMs;
  }

  #forget(until: number): void {
    while ((this.#times[this.#first] ?? Number.POSITIVE_INFINITY) <= until) this.#first++;
    // Moved together only once that is worth it, so that a call costs the same on average however many there are.
    if (this.#first * 2 <= this.#times.length) return;
    this.#times = this.#times.slice(this.#first);
    this.#first = 0;
  }
}

/** Tokens that calls use up, and that come back steadily. */
export class TokenBucket implements RateCounter {
  readonly size = 0;
  readonly #rate: Rate;
  #tokens: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.count;
  }

  take(now: number): Verdict {
    const { count } = this.#rate;
    this.#tokens = this.#tokensAt(now);
    this.#at = now;
    const allowed = this.#tokens >= 1;
    if (allowed) this.#tokens--;
    const missing = allowed ? count - this.#tokens : 1 - this.#tokens;
    return { allowed, remaining: Math.floor(this.#tokens), resetMs: missing * this.#msPerToken };
  }

  isOver(now: number): boolean {
    return this.#tokensAt(now) >= this.#rate.count;
  }

  get #msPerToken(): number {
    return this.#rate.windowMs / this.#rate.count;
  }

  #tokensAt(now: number): number {
    const { count } = this.#rate;
    return Math.min(count, this.#tokens + Math.max(0, now - this.#at) / this.#msPerToken);
  }
}
