import type { Rate } from './rate.js';
import type { Verdict } from './rate-counter.js';

/** What is counted of one call: by whom, and how much of it is allowed. */
export interface CountedKey extends Rate {
  /** `user:bob`, behind the tenant where there is one. */
  readonly key: string;
}

/** Why nothing was counted: there is no room to count in, or the server that counts did not answer. */
export class NotCountedError extends Error {
  readonly why: 'full' | 'unreachable';

  constructor(why: 'full' | 'unreachable', message: string, cause?: unknown) {
    super(message, { cause });
    this.why = why;
  }
}

/** Where calls are counted. */
export interface RateStore {
  /** Fails where it cannot be had. */
  open(): Promise<void>;
  /**
   * Counts one call under all its keys. A key whose limit is used up does not keep the others from counting.
   *
   * @throws NotCountedError
   */
  take(keys: readonly CountedKey[]): readonly Verdict[] | Promise<readonly Verdict[]>;
  close(): Promise<void>;
}
