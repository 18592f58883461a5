/** Where a manager of a pool is, and why. */
export interface PooledManagerStatus {
  readonly key: string;
  /**
   * State of `machines/pool-entry.machine.ts`, nested ones with dots; of one that is being retired, that of
   * `machines/pooled-manager.machine.ts`.
   */
  readonly state: string;
  /** Invocations that run on it, and others who use it. */
  readonly uses: number;
  /** Those who wait for it. */
  readonly waiting: number;
  /** Milliseconds until the state's timer is due, where it has one. */
  readonly nextTimerInMs: number | undefined;
  /** Why overrides or manager could not be had the last time. */
  readonly lastError: unknown;
}
