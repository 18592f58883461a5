import type { Clock } from './clock.js';

/**
 * Waits for a promise, but no longer than `ms` milliseconds. Holds the process open while it waits.
 *
 * @returns what the promise gave; undefined if it was not settled in time. A rejection that comes later is not heard
 */
export async function within<Value>(
  promise: Promise<Value>,
  ms: number,
  clock: Clock,
): Promise<{ readonly value: Value } | undefined> {
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = clock.setTimeout(() => resolve(undefined), ms);
    timer.ref?.();
  });
  try {
    return await Promise.race([promise.then((value) => ({ value })), late]);
  } finally {
    clock.clearTimeout(timer);
  }
}
