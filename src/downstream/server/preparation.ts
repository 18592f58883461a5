import { within } from '../../time/within.js';
import type { ServerEntry } from '../server-entry.js';
import type { SetDependencies } from '../set/set-dependencies.js';

/** Milliseconds that a new session waits for its server to take what it is told before calls; half of its time at most. */
const longestMs = 10_000;

/** Waits for a server to take what it is told, but not for one that is silent: it may answer calls all the same. */
export async function taken(
  told: Promise<unknown>,
  { name, connectTimeoutMs }: Pick<ServerEntry, 'name' | 'connectTimeoutMs'>,
  { clock, logger }: Pick<SetDependencies, 'clock' | 'logger'>,
): Promise<void> {
  const ms = Math.min(longestMs, connectTimeoutMs / 2);
  if ((await within(told, ms, clock)) !== undefined) return;
  logger.warn({ server: name }, `${name} did not answer in ${ms} ms what it is told before calls`);
}
