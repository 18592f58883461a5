import type { Clock, TimerHandle } from '../../time/clock.js';

/** Milliseconds that a request goes on whose answer may be worth a login, when whoever asked is not there any more. */
const graceMs = 2_000;

/**
 * Does something that is not cut off at once: with the old refresh token spent and the new one on its way, somebody would
 * have to log in again.
 *
 * @param work is given a signal that follows the other one two seconds later
 */
export async function withGrace<Result>(
  signal: AbortSignal,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  let timer: TimerHandle | undefined;
  const follow = (): void => {
    timer = clock.setTimeout(() => ended.abort(signal.reason), graceMs);
  };
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  try {
    return await work(ended.signal);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
