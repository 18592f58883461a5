import { describeValue } from './described-value.js';
import { isPlainObject } from './records.js';
import { GatechartError, messageOf } from '../errors.js';

/** Levels of nesting that are written; a cycle has more. */
const deepest = 600;

/** Characters of a path that are shown. */
const shownPath = 120;

/**
 * Refuses what JSON cannot say: JSON.stringify would send something else in its place, `{}` for a Map, null for NaN, so
 * that the other side looks at what nobody gets. Undefined as the value of a key is no value, and fine.
 *
 * @param path what the value is: `payload`
 * @throws GatechartError PAYLOAD_INVALID, naming the path
 */
export function requireJson(value: unknown, path: string): void {
  const problem = jsonProblem(value, path);
  if (problem !== undefined) throw new GatechartError('PAYLOAD_INVALID', problem);
}

/** The same as a sentence that begins with the path; undefined for what JSON can say. */
export function jsonProblem(value: unknown, path: string): string | undefined {
  try {
    if (isJson(value, 0)) return undefined;
    return describeNotJson(value, path) ?? `${path}: found a value that changes while it is read`;
  } catch (error) {
    return `${path}: cannot be read: ${messageOf(error)}`;
  }
}

/** Without a path, because almost always there is nothing to say. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > deepest) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isJson(value[index], depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const inner = value[key];
    if (inner !== undefined && !isJson(inner, depth + 1)) return false;
  }
  return true;
}

/** The first thing in a value that JSON cannot say, with its path; undefined if there is none. */
function describeNotJson(value: unknown, path: string, depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${shown(path)}: found ${value}, expected a finite number`;
    case 'bigint':
      return `${shown(path)}: found the big integer ${digits(value)} (a BigInt), expected a number; send it as a string`;
    case 'object':
      break;
    default:
      return notJson(value, path);
  }
  if (value === null) return undefined;
  if (depth > deepest) return `${shown(path)}: found a value nested too deeply, or one that contains itself`;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = describeNotJson(value[index], `${path}[${index}]`, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return notJson(value, path);
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    const found = describeNotJson(value[key], `${path}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A big integer may have any number of digits, and finding them all takes time. */
function digits(value: bigint): string {
  return value > -(10n ** 40n) && value < 10n ** 40n ? String(value) : 'of more than 40 digits';
}

function notJson(value: unknown, path: string): string {
  return `${shown(path)}: found ${describeValue(value)}, expected JSON data`;
}

function shown(path: string): string {
  return path.length <= shownPath ? path : `${path.slice(0, shownPath).toWellFormed()}…`;
}
