import type { FilterArguments, Taken } from './filter-arguments.js';
import type { Value } from './jinja.js';
import { type Formatted, percentFormat } from './python-numbers.js';
import { entriesOf, itemsOf, textOf } from './python-values.js';
import { Walk } from './template-limits.js';

const numeric = ['IntegerValue', 'FloatValue', 'BooleanValue'];

export function capitalized(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}

export function titled(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map(capitalized)
    .join('');
}

/** `parts` with `between` between them. @throws RangeError for what would be too large to hold */
export function joined(parts: readonly string[], between: string): string {
  new Walk().spend(parts.reduce((size, part) => size + part.length + between.length, 0));
  return parts.join(between);
}

export function replaced(text: string, args: Taken): string {
  const old = args.given('old');
  const fresh = args.given('new');
  if (old === undefined || fresh === undefined) throw new Error('`replace` needs `old` and `new`');
  const count = args.integer('count') ?? -1;
  const from = textOf(old);
  const to = textOf(fresh);
  if (from === '' && count >= 0) throw new Error('`replace` of nothing takes no `count`');
  if (from === '') return joined(['', ...Array.from(text), ''], to);
  const parts = text.split(from);
  if (count < 0) return joined(parts, to);
  const kept = parts.splice(Math.min(count, parts.length - 1) + 1);
  return joined([joined(parts, to), ...kept], from);
}

export function trimmed(text: string, chars: string | undefined): string {
  if (chars === undefined) return text.trim();
  const all = Array.from(text);
  const isLeft = (char: string): boolean => !chars.includes(char);
  const first = all.findIndex(isLeft);
  return first === -1 ? '' : all.slice(first, all.findLastIndex(isLeft) + 1).join('');
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&#34;'],
  ["'", '&#39;'],
]);

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities.get(char) ?? char);
}

export function urlEncoded(value: Value): string {
  if (typeof value.value === 'object' && value.value !== null) throw new Error('`urlencode` takes text');
  return encodeURIComponent(textOf(value))
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function formatted(value: Value, { positional, named }: FilterArguments): string {
  if (positional.length > 0 && named.size > 0)
    throw new Error('`format` takes arguments by place or by name, not both');
  const argument = (given: Value): Formatted => ({
    text: textOf(given),
    number: numeric.includes(given.type) ? Number(given.value) : undefined,
  });
  const byName = new Map([...named].map(([name, given]) => [name, argument(given)]));
  return percentFormat(textOf(value), positional.map(argument), byName);
}

/** Sorted and in ASCII, with HTML's own signs escaped: that is Jinja's default. */
export function json(value: Value): string {
  return jsonOf(value, new Walk()).replace(
    /[<>&'\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function jsonOf(value: Value, walk: Walk): string {
  walk.spend(typeof value.value === 'string' ? value.value.length : 1);
  const inside = (item: Value): string => jsonOf(item, walk);
  switch (value.type) {
    case 'StringValue':
      return JSON.stringify(value.value);
    case 'NullValue':
      return 'null';
    case 'BooleanValue':
      return value.value === true ? 'true' : 'false';
    case 'IntegerValue':
    case 'FloatValue':
      return textOf(value);
    case 'ArrayValue':
    case 'TupleValue':
      return `[${itemsOf(value).map(inside).join(', ')}]`;
    case 'ObjectValue': {
      const entries = [...entriesOf(value)].sort(([a], [b]) => (a < b ? -1 : 1));
      return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${inside(item)}`).join(', ')}}`;
    }
    default:
      throw new Error('`tojson` has no value to work on; put `default` before it');
  }
}
