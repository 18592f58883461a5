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
  /** @param isThrifty whether it has to make do with few times of calls */
  take(now: number, isThrifty: boolean): Verdict;
  /** Forgets what is over by now. @returns whether it has nothing to remember any more */
  forget(now: number): boolean;
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
    if (this.forget(now)) {
      this.#beganAt = now;
      this.#count = 0;
    }
    const allowed = this.#count < count;
    if (allowed) this.#count++;
    return { allowed, remaining: count - this.#count, resetMs: this.#beganAt + windowMs - now };
  }

  forget(now: number): boolean {
    return now >= this.#beganAt + this.#rate.windowMs;
  }
}

/** Parts of a window, within each of which calls share a time where there is no room for the time of each. */
const thriftyParts = 8;

/** The time of each call that passed. At no time have more passed in a window than may. */
export class SlidingWindow implements RateCounter {
  readonly #rate: Rate;
  /** With how many calls have each; from `#first` on in use. */
  #times: number[] = [];
  #calls: number[] = [];
  #first = 0;
  #used = 0;
  /** When the first call was that has the last time. */
  #sharedFrom = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  get size(): number {
    return this.#times.length - this.#first;
  }

  take(now: number, isThrifty: boolean): Verdict {
    const { count, windowMs } = this.#rate;
    this.forget(now);
    const allowed = this.#used < count;
    if (allowed) this.#remember(now, isThrifty);
    return { allowed, remaining: count - this.#used, resetMs: (this.#times[this.#first] ?? now) + windowMs - now };
  }

  forget(now: number): boolean {
    const until = now - this.#rate.windowMs;
    while ((this.#times[this.#first] ?? Number.POSITIVE_INFINITY) <= until)
      this.#used -= this.#calls[this.#first++] ?? 0;
    // Moved together only once that is worth it, so that a call costs the same on average however many there are.
    if (this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#calls = this.#calls.slice(this.#first);
      this.#first = 0;
    }
    return this.size === 0;
  }

  #remember(now: number, isThrifty: boolean): void {
    this.#used++;
    const last = this.#times.length - 1;
    if (isThrifty && this.size > 0 && now < this.#sharedFrom + this.#rate.windowMs / thriftyParts) {
      // Those that share a time count until the last of them is over: longer than they need, never shorter.
      this.#times[last] = now;
      this.#calls[last] = (this.#calls[last] ?? 0) + 1;
      return;
    }
    this.#times.push(now);
    this.#calls.push(1);
    this.#sharedFrom = now;
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

  forget(now: number): boolean {
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
