import { isDeepStrictEqual } from 'node:util';
import type { ServerEntry } from '../server-entry.js';

/** What becomes of the sessions with a server when its entry is replaced. */
export type EntryChange = 'none' | 'adapts' | 'restarts';

/** What sessions are opened with, or live by. What else an entry says is asked for at each call. */
const sessionKeys: readonly (keyof ServerEntry)[] = [
  'reach',
  'connectTimeoutMs',
  'idleTimeoutMs',
  'isolation',
  'forwardHeaders',
  'protocol',
  'roots',
];

/** What separates two entries of one name. */
export function changeOfEntry(before: ServerEntry, after: ServerEntry): EntryChange {
  if (isDeepStrictEqual(before, after)) return 'none';
  return sessionKeys.every((key) => isDeepStrictEqual(before[key], after[key])) ? 'adapts' : 'restarts';
}
