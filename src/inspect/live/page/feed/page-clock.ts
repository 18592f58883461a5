/** Time, as the page needs it. */
export interface PageClock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back once after `ms` milliseconds. Returns what prevents it. */
  after(ms: number, callback: () => void): () => void;
}
