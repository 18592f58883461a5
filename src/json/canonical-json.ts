import { isPlainObject } from './records.js';

/**
 * JSON data as RFC 8785 writes it: keys sorted by their UTF-16 units, no blanks, so that what means the same is the same
 * text. Fields that are undefined are left out. Call it on what was parsed, or on what `jsonProblem` has nothing against.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${fields.join(',')}}`;
}
