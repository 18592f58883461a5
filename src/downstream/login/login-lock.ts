import { messageOf } from '../../errors.js';
import type { Clock } from '../../time/clock.js';
import { unreadable } from './login-file.js';

/** Milliseconds after which the lock of a process that died is taken over. Longer than a token request may take. */
const staleMs = 60_000;
/** Milliseconds between looks at a lock that somebody else has. */
const lookEveryMs = 50;

/**
 * Takes a lock that holds across processes, if nobody has it.
 *
 * @param file need not exist; the lock is a folder beside it
 * @returns what releases it; undefined if it is taken
 */
export async function tryLock(file: string): Promise<(() => Promise<void>) | undefined> {
  const { default: lockfile } = await import('proper-lockfile');
  try {
    const release = await lockfile.lock(file, {
      realpath: false,
      stale: staleMs,
      update: staleMs / 4,
      // It was taken over while this process stood still. What is written then is whole all the same.
      onCompromised: () => {},
    });
    return () => release().catch(() => {});
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOCKED') return undefined;
    throw unreadable(`${file}.lock`, messageOf(error), error);
  }
}

/**
 * The same, but waits for its turn.
 *
 * @throws the reason of the signal
 */
export async function waitForLock(file: string, clock: Clock, signal: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    signal.throwIfAborted();
    const release = await tryLock(file);
    if (release !== undefined) return release;
    await pause(lookEveryMs, clock, signal);
  }
}

/** Waits; settles early when the signal is aborted. */
async function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    timer.ref?.();
    signal.addEventListener('abort', end);
  });
}
