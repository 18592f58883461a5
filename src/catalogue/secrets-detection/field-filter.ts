import type { TextPath } from '../values/text-walk.js';

/** Which fields of a payload are looked at. */
export type FieldFilter = (path: TextPath) => boolean;

/**
 * Reads paths of fields: keys with points between them, where the items of a list have the path of the list. A field is
 * named with all that is within it, and what is denied stays denied where it is allowed too. A text that stands for the
 * whole payload is always looked at.
 */
export function fieldFilter(allowed: readonly string[], denied: readonly string[]): FieldFilter {
  const allowlist = allowed.map((path) => path.split('.'));
  const denylist = denied.map((path) => path.split('.'));
  if (allowlist.length === 0 && denylist.length === 0) return () => true;
  return (path) => {
    if (path.length === 0) return true;
    const keys = path.filter((part) => typeof part === 'string');
    if (denylist.some((field) => isWithin(keys, field))) return false;
    return allowlist.length === 0 || allowlist.some((field) => isWithin(keys, field));
  };
}

function isWithin(keys: readonly string[], field: readonly string[]): boolean {
  return field.length <= keys.length && field.every((key, index) => key === keys[index]);
}
