/** What came of the attempts to put a file in force. Times are ISO 8601, in UTC. */
export interface ReloadCounts {
  readonly last_attempt: string | null;
  readonly last_success: string | null;
  readonly last_error: string | null;
  readonly attempt_count: number;
  readonly success_count: number;
}

/** Counts the attempts to put one file in force. */
export class ReloadRecord {
  readonly #now: () => number;
  #counts: ReloadCounts = {
    last_attempt: null,
    last_success: null,
    last_error: null,
    attempt_count: 0,
    success_count: 0,
  };

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  get counts(): ReloadCounts {
    return this.#counts;
  }

  succeeded(): void {
    const at = this.#time();
    const { attempt_count, success_count } = this.#counts;
    this.#counts = {
      last_attempt: at,
      last_success: at,
      last_error: null,
      attempt_count: attempt_count + 1,
      success_count: success_count + 1,
    };
  }

  failed(error: string): void {
    const { attempt_count } = this.#counts;
    this.#counts = { ...this.#counts, last_attempt: this.#time(), last_error: error, attempt_count: attempt_count + 1 };
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}
