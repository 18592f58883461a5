import { isPlainObject } from '../../json/records.js';
import { errorAt, type Path, type Report } from '../problem.js';

const deepest = 100;
const mostValues = 1_000_000;

/**
 * A copy made of JSON values only. Everything else is reported: other objects, functions, numbers that JSON cannot
 * write, cycles, keys that would change an object's prototype, objects that throw when they are read, and more values than
 * a configuration has: a value that is there many times over is copied as often. Undefined values count as absent.
 */
export function plainCopy(value: unknown, report: Report): unknown {
  let left = mostValues;
  const spend = (): boolean => {
    if (left-- === 0) report(errorAt([], `expected at most ${mostValues} values, found more`));
    return left >= 0;
  };
  try {
    return copy(value, [], [], { report, spend, isSpent: () => left < 0 });
  } catch {
    // Accessors and proxies run whatever code they hold.
    report(errorAt([], 'expected JSON data, found an object that cannot be read'));
    return undefined;
  }
}

interface Copying {
  readonly report: Report;
  /** Whether one more value may be copied. */
  spend(): boolean;
  isSpent(): boolean;
}

function copy(value: unknown, path: Path, within: readonly object[], copying: Copying): unknown {
  const { report } = copying;
  if (!copying.spend()) return undefined;
  const refuse = (reason: string): undefined => {
    report(errorAt(path, reason));
    return undefined;
  };
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : refuse(`expected a finite number, found ${value}`);
    case 'object':
      break;
    default:
      return value === undefined && path.length > 0 ? undefined : refuse(`expected JSON data, found ${kindOf(value)}`);
  }
  if (value === null) return null;
  if (within.includes(value)) return refuse('expected data without cycles, found a value that contains itself');
  if (within.length >= deepest) return refuse(`expected at most ${deepest} levels of nesting, found more`);
  const inside = [...within, value];
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (let index = 0; index < value.length && !copying.isSpent(); index++) {
      const item: unknown = value[index];
      list.push(copy(item === undefined ? null : item, [...path, index], inside, copying));
    }
    return list;
  }
  if (!isPlainObject(value)) return refuse(`expected JSON data, found ${kindOf(value)}`);
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') {
      report(errorAt([...path, key], 'this key is not allowed', 'key'));
      continue;
    }
    const copied = copy(item, [...path, key], inside, copying);
    if (copied !== undefined) result[key] = copied;
  }
  return result;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const { name }: { readonly name?: unknown } = value.constructor ?? {};
  return typeof name === 'string' && name !== '' ? `a ${name} object` : 'an object that is not plain';
}
