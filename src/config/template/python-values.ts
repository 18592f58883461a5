import type { Value } from './jinja.js';
import { Walk } from './template-limits.js';

/** A value of a template as Python's `str` writes it, which is what Jinja prints. */
export function textOf(value: Value, walk = new Walk()): string {
  switch (value.type) {
    case 'StringValue':
      return String(value.value);
    case 'UndefinedValue':
      return '';
    default:
      return reprOf(value, walk);
  }
}

/** As Python's `repr` writes it: how it stands inside lists and maps. */
function reprOf(value: Value, walk: Walk): string {
  const { type, value: inner } = value;
  walk.spend(typeof inner === 'string' ? inner.length : 1);
  const inside = (item: Value): string => reprOf(item, walk);
  if (type === 'StringValue') return quoted(String(inner));
  if (type === 'BooleanValue') return inner === true ? 'True' : 'False';
  if (type === 'NullValue') return 'None';
  if (type === 'UndefinedValue') return 'Undefined';
  if (type === 'FloatValue') return floatText(Number(inner));
  if (type === 'TupleValue') {
    const items = itemsOf(value).map(inside);
    return items.length === 1 ? `(${items.join('')},)` : `(${items.join(', ')})`;
  }
  if (type === 'ArrayValue') return `[${itemsOf(value).map(inside).join(', ')}]`;
  if (inner instanceof Map) {
    return `{${[...entriesOf(value)].map(([key, item]) => `${quoted(key)}: ${inside(item)}`).join(', ')}}`;
  }
  if (type === 'IntegerValue') return String(inner);
  throw new Error('a function cannot be written into a file');
}

export function itemsOf(value: Value): Value[] {
  return Array.isArray(value.value) ? (value.value as Value[]) : [];
}

export function entriesOf(value: Value): Map<string, Value> {
  return value.value instanceof Map ? (value.value as Map<string, Value>) : new Map<string, Value>();
}

const escapes = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (char) => escapes.get(char) ?? char).replace(/\p{Cc}/gu, hex);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function hex(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Python goes over to exponents at other sizes than JavaScript does. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

const numbers = new Set(['IntegerValue', 'FloatValue', 'BooleanValue']);

/** Python's `==`: text is never a number, and True is 1. */
export function areEqual(left: Value, right: Value, walk = new Walk()): boolean {
  walk.spend(1);
  if (numbers.has(left.type) && numbers.has(right.type)) return Number(left.value) === Number(right.value);
  if (left.type !== right.type) return false;
  if (left.value instanceof Map) {
    const others = entriesOf(right);
    return (
      left.value.size === others.size &&
      [...entriesOf(left)].every(([key, value]) => {
        const other = others.get(key);
        return other !== undefined && areEqual(value, other, walk);
      })
    );
  }
  if (!Array.isArray(left.value)) return left.value === right.value;
  const others = itemsOf(right);
  return (
    left.value.length === others.length &&
    itemsOf(left).every((item, index) => areEqual(item, others[index] ?? item, walk))
  );
}
