import { isRecord, setOwn } from '../json/records.js';
import type { Extensions } from './extensions.js';

type Tree = Readonly<Record<string, unknown>>;

/** The extensions with another value at a path; what is beside the path is shared, what is on it is copied and frozen. */
export function withPart(extensions: Extensions, path: readonly string[], value: unknown): Extensions {
  return withValue({ ...extensions }, path, value);
}

function withValue(copy: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): Tree {
  if (key === undefined) return copy;
  const inner = copy[key];
  setOwn(copy, key, rest.length === 0 ? value : withValue(isRecord(inner) ? { ...inner } : {}, rest, value));
  return Object.freeze(copy);
}
