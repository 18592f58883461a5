import { setOwn } from '../context/plain-data.js';

/** Header names and values, one value a name. */
export type Headers = Record<string, string>;

/**
 * Headers with one entry for each name, however it is written: the later value and its spelling stay. What has no name
 * twice is given back as it is.
 */
export function oneEntryPerName<Value>(headers: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  const names = Object.keys(headers);
  if (names.length < 2) return headers;
  const spellings = new Map(names.map((name) => [name.toLowerCase(), name]));
  if (spellings.size === names.length) return headers;
  const kept: Record<string, Value> = {};
  for (const name of names) if (spellings.get(name.toLowerCase()) === name) setOwn(kept, name, headers[name] as Value);
  return kept;
}

/** Headers of two plugins put together: the later value of a name wins, however the name is written. */
export function mergeHeaders(earlier: Readonly<Headers> | undefined, later: Readonly<Headers>): Headers {
  const last = oneEntryPerName(later);
  const given = new Set(Object.keys(last).map((name) => name.toLowerCase()));
  const kept = Object.entries(oneEntryPerName(earlier ?? {})).filter(([name]) => !given.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...last };
}
