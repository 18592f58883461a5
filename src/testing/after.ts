import type { ManualClock } from './manual-clock.js';

/** Lets `ms` milliseconds pass on the clock and then waits for the promise. */
export function afterOn(clock: ManualClock): <T>(ms: number, promise: Promise<T>) => Promise<T> {
  return async (ms, promise) => {
    // Rejections while time passes are heard below.
    promise.catch(() => undefined);
    await clock.run(ms);
    return promise;
  };
}
