import { maxWrittenDepth } from './struct-wire.js';

/** What is wrong with an object that cannot be written as a Struct: the first thing found, with its path. */
export function describeUnsendable(record: Readonly<Record<string, unknown>>, root: string, depth: number): string {
  return findInObject(record, root, depth + 1) ?? `${root}: found a value that changes while it is read`;
}

function findInObject(value: object, path: string, depth: number): string | undefined {
  if (depth + 2 > maxWrittenDepth) return tooDeep(path);
  for (const [key, child] of Object.entries(value)) {
    if (!key.isWellFormed())
      return `${path}: found a key with half of a surrogate pair, expected text that UTF-8 can carry`;
    const found = find(child, `${path}.${key}`, depth + 2);
    if (found !== undefined) return found;
  }
  return undefined;
}

function find(value: unknown, path: string, depth: number): string | undefined {
  switch (typeof value) {
    case 'bigint':
      return `${path}: found the big integer ${value}, expected a number; send it as a string`;
    case 'number':
      return findInNumber(value, path);
    case 'string':
      return !value.isWellFormed()
        ? `${path}: found half of a surrogate pair, expected text that UTF-8 can carry`
        : undefined;
    case 'object':
      return value === null ? undefined : findInComposite(value, path, depth);
    default:
      return undefined;
  }
}

function findInNumber(value: number, path: string): string | undefined {
  if (!Number.isFinite(value)) return `${path}: found ${value}, expected a finite number`;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  return `${path}: found the integer ${value}, which is beyond 2^53 and would lose digits; send it as a string`;
}

function findInComposite(value: object, path: string, depth: number): string | undefined {
  if (depth >= maxWrittenDepth) return tooDeep(path);
  if (Array.isArray(value)) {
    if (depth + 2 > maxWrittenDepth) return tooDeep(path);
    for (const [index, child] of value.entries()) {
      const found = find(child, `${path}[${index}]`, depth + 2);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return find(value.toJSON(), path, depth + 1);
  return findInObject(value, path, depth + 1);
}

function tooDeep(path: string): string {
  const shown = path.length <= 120 ? path : `${path.slice(0, 120)}…`;
  return `${shown}: found a value nested too deeply; at most 33 objects, or 50 lists, can be inside one another on this transport`;
}
