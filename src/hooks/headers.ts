import { setOwn } from '../json/records.js';

/** Header names and values, one value a name. */
export type Headers = Record<string, string>;

/**
 * Headers with one entry for each name, however it is written: the later value and its spelling stay. What has no name
 * twice is given back as it is.
 */
export function oneEntryPerName<Value>(headers: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  const names = Object.keys(headers);
  if (!hasTwins(names)) return headers;
  const spellings = new Map(names.map((name) => [name.toLowerCase(), name]));
  const kept: Record<string, Value> = {};
  for (const name of names) if (spellings.get(name.toLowerCase()) === name) setOwn(kept, name, headers[name]);
  return kept;
}

/** Names up to which comparing them with each other beats a set of them. */
const few = 40;

function hasTwins(names: readonly string[]): boolean {
  if (names.length > few) return new Set(names.map((name) => name.toLowerCase())).size < names.length;
  for (let one = 1; one < names.length; one++)
    for (let other = 0; other < one; other++) if (areTwins(names[one] ?? '', names[other] ?? '')) return true;
  return false;
}

function areTwins(one: string, other: string): boolean {
  const { length } = one;
  if (length !== other.length || length === 0) return false;
  // Most names of one length end differently, in any case.
  if ((one.charCodeAt(length - 1) | 0x20) !== (other.charCodeAt(length - 1) | 0x20)) return false;
  return one.toLowerCase() === other.toLowerCase();
}

/** Headers of two plugins put together: the later value of a name wins, however the name is written. */
export function mergeHeaders(earlier: Readonly<Headers> | undefined, later: Readonly<Headers>): Headers {
  const last = oneEntryPerName(later);
  const given = new Set(Object.keys(last).map((name) => name.toLowerCase()));
  const kept = Object.entries(oneEntryPerName(earlier ?? {})).filter(([name]) => !given.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...last };
}
