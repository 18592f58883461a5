import type { Clock } from '../../time/clock.js';

/** Calls that are counted at once. */
export const mostCalls = 10_000;
/** Milliseconds that a count is kept after its last failure, beyond the delay that was asked for. */
const keptMs = 300_000;

/** How often each call of a request was asked to be made again. */
export class RetryCounts {
  readonly #clock: Clock;
  /** By tool and request; the one that failed longest ago comes first. */
  readonly #counts = new Map<string, { readonly retries: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#counts.size;
  }

  of(call: string): number {
    const counted = this.#counts.get(call);
    return counted === undefined || counted.until <= this.#clock.now() ? 0 : counted.retries;
  }

  /** Whether one more can be counted. */
  hasRoomFor(call: string): boolean {
    const now = this.#clock.now();
    for (const [oldest, { until }] of this.#counts) {
      if (until > now) break;
      this.#counts.delete(oldest);
    }
    return this.#counts.size < mostCalls || this.#counts.has(call);
  }

  /** @param delayMs after which the call will be made again */
  note(call: string, retries: number, delayMs: number): void {
    this.forget(call);
    this.#counts.set(call, { retries, until: this.#clock.now() + delayMs + keptMs });
  }

  forget(call: string): void {
    this.#counts.delete(call);
  }
}
