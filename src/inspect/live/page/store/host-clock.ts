/** How much of a difference is taken over at once; the rest is the delay of one message. */
const drift = 0.05;

/**
 * What time it is at the host. Its messages carry its time; what this browser's clock says matters only between two of them.
 * A message that came late makes the host seem behind, so that the quickest ones count.
 */
export class HostClock {
  #offset: number | undefined;
  #stopped: number | undefined;

  /** A message of host time `t` came at `at`, in milliseconds of the browser's monotonic clock. */
  note(t: number, at: number): void {
    const offset = t - at;
    this.#offset =
      this.#offset === undefined || offset > this.#offset ? offset : this.#offset + (offset - this.#offset) * drift;
    this.#stopped = undefined;
  }

  /** Another process has another clock. */
  reset(): void {
    this.#offset = undefined;
    this.#stopped = undefined;
  }

  /** Time stands still until the next message. */
  stop(t: number): void {
    this.#stopped = t;
  }

  /** Milliseconds since the epoch of the host. */
  now(at: number): number {
    return this.#stopped ?? at + (this.#offset ?? -at);
  }
}
