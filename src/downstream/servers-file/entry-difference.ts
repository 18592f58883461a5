import { isDeepStrictEqual } from 'node:util';
import type { ServerEntry } from '../server-entry.js';

/** Whether two entries say the same, with every variable filled in. */
export function sameEntry(a: ServerEntry, b: ServerEntry): boolean {
  return isDeepStrictEqual(a, b);
}

/** Fields whose key in the file has another name. */
const keys: Readonly<Record<string, string>> = {
  kind: 'type',
  socketPath: 'url',
  login: 'oauth',
  connectTimeoutMs: 'connectTimeout',
  timeoutMs: 'timeout',
  idleTimeoutMs: 'idleTimeout',
};

/** The keys of the file in which two entries differ, without their values, which may be secrets. */
export function changedKeys(a: ServerEntry, b: ServerEntry): string[] {
  const { reach: reachOfA, ...restOfA } = a;
  const { reach: reachOfB, ...restOfB } = b;
  const changed = [...differences(reachOfA, reachOfB), ...differences(restOfA, restOfB)];
  return [...new Set(changed.map((field) => keys[field] ?? field))].sort();
}

function differences(a: object, b: object): string[] {
  const valuesOfA = new Map<string, unknown>(Object.entries(a));
  const valuesOfB = new Map<string, unknown>(Object.entries(b));
  const fields = new Set([...valuesOfA.keys(), ...valuesOfB.keys()]);
  return [...fields].filter((field) => !isDeepStrictEqual(valuesOfA.get(field), valuesOfB.get(field)));
}
