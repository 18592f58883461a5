import { isRecord, setOwn } from '../../json/records.js';
import type { SchemaProblem } from '../schemas/schema-validator.js';

/**
 * Arguments with those of a wrong type converted, where the value says plainly what was meant; undefined if none could be.
 * Whether the result keeps the schema is for the caller to check.
 */
export function correctedArguments(
  given: Readonly<Record<string, unknown>>,
  problems: readonly SchemaProblem[],
): Record<string, unknown> | undefined {
  let corrected: Record<string, unknown> | undefined;
  for (const { keyword, instancePath, params } of problems) {
    if (keyword !== 'type' || instancePath === '') continue;
    const path = instancePath
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const types: readonly unknown[] = [params['type']].flat();
    corrected ??= structuredClone(given);
    if (!replaceAt(corrected, path, types)) return undefined;
  }
  return corrected;
}

/** Converts one value in place. False if nothing of a type that is wanted can be made of it. */
function replaceAt(root: Record<string, unknown>, path: readonly string[], types: readonly unknown[]): boolean {
  let holder: unknown = root;
  for (const part of path.slice(0, -1)) holder = childOf(holder, part);
  const key = path.at(-1) ?? '';
  const value = childOf(holder, key);
  for (const type of types) {
    const made = converted(value, type);
    if (made === undefined) continue;
    if (Array.isArray(holder)) holder[Number(key)] = made;
    else if (isRecord(holder)) setOwn(holder, key, made);
    return true;
  }
  return false;
}

function childOf(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return holder[Number(key)];
  return isRecord(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

const integer = /^\s*[+-]?\d{1,15}\s*$/;
const decimal = /^\s*[+-]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})(?:[eE][+-]?\d{1,2})?\s*$/;

/** A value of another type that means the same; undefined if there is none. */
function converted(value: unknown, type: unknown): unknown {
  switch (type) {
    case 'integer':
      return typeof value === 'string' && integer.test(value) ? Number(value) : undefined;
    case 'number':
      return typeof value === 'string' && decimal.test(value) ? Number(value) : undefined;
    case 'boolean':
      return truthValues.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
    case 'array':
      return value === undefined || value === null ? undefined : [value];
    default:
      return undefined;
  }
}

const truthValues: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['true', true],
  ['false', false],
  [1, true],
  [0, false],
]);
