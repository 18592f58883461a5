import type { Value } from './jinja.js';
import { exactly, floatIn, type Formatted, integerIn, percentFormat, roundHalfEven } from './python-numbers.js';
import { entriesOf, itemsOf, textOf } from './python-values.js';

/** A float as such: JavaScript does not tell 3.0 from 3. */
export class Float {
  constructor(readonly value: number) {}
}

/** What a filter may answer, besides a value of the template's own. */
export type Answer = string | number | boolean | null | Float | Value | readonly Value[];

/** The arguments of one use of a filter. */
export interface FilterArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

type Filter = (value: Value, args: Taken) => Answer | undefined;

/** Arguments by their names in Jinja; what a filter does not know is refused, not ignored. */
class Taken {
  readonly #filter: string;
  readonly #args: FilterArguments;

  constructor(filter: string, names: readonly string[], args: FilterArguments) {
    this.#filter = filter;
    this.#args = args;
    this.#names = names;
    const unknown = [...args.named.keys()].some((name) => !names.includes(name));
    if (args.positional.length > names.length || unknown) {
      throw new Error(
        `\`${filter}\` takes ${names.length === 0 ? 'no arguments' : `no arguments but ${names.join(', ')}`}`,
      );
    }
  }

  readonly #names: readonly string[];

  given(name: string): Value | undefined {
    return this.#args.positional[this.#names.indexOf(name)] ?? this.#args.named.get(name);
  }

  text(name: string): string | undefined {
    const value = this.given(name);
    if (value === undefined || value.type === 'NullValue') return undefined;
    if (value.type !== 'StringValue') throw new Error(`\`${name}\` of \`${this.#filter}\` must be a string`);
    return textOf(value);
  }

  integer(name: string): number | undefined {
    const value = this.given(name);
    if (value === undefined || value.type === 'NullValue') return undefined;
    if (value.type !== 'IntegerValue') throw new Error(`\`${name}\` of \`${this.#filter}\` must be an integer`);
    return Number(value.value);
  }

  truth(name: string): boolean {
    const value = this.given(name);
    return value !== undefined && isTrue(value);
  }
}

const mostPlaces = 100;

/** As Jinja defines them (`jinja2/filters.py`, version 3.1), with the names of their arguments. */
const filters: Readonly<Record<string, readonly [readonly string[], Filter]>> = {
  abs: [[], (value) => absolute(value)],
  capitalize: [[], (value) => capitalized(textOf(value))],
  count: [[], (value) => lengthOf(value)],
  d: [['default_value', 'boolean'], (value, args) => orDefault(value, args)],
  default: [['default_value', 'boolean'], (value, args) => orDefault(value, args)],
  e: [[], (value) => escaped(textOf(value))],
  escape: [[], (value) => escaped(textOf(value))],
  first: [[], (value) => sequenceOf(value)[0]],
  float: [['default'], (value, args) => toFloat(value, args.given('default'))],
  int: [['default', 'base'], (value, args) => toInteger(value, args)],
  join: [
    ['d'],
    (value, args) =>
      sequenceOf(value)
        .map(textOf)
        .join(args.text('d') ?? ''),
  ],
  last: [[], (value) => sequenceOf(value).at(-1)],
  length: [[], (value) => lengthOf(value)],
  list: [[], (value) => sequenceOf(value)],
  lower: [[], (value) => textOf(value).toLowerCase()],
  replace: [['old', 'new', 'count'], (value, args) => replaced(textOf(value), args)],
  reverse: [[], (value) => reversed(value)],
  round: [['precision', 'method'], (value, args) => rounded(value, args)],
  safe: [[], (value) => value],
  string: [[], (value) => textOf(value)],
  title: [
    [],
    (value) =>
      textOf(value)
        .split(/([-\s({[<]+)/)
        .map(capitalized)
        .join(''),
  ],
  tojson: [[], (value) => json(value)],
  trim: [['chars'], (value, args) => trimmed(textOf(value), args.text('chars'))],
  upper: [[], (value) => textOf(value).toUpperCase()],
  urlencode: [[], (value) => urlEncoded(value)],
};

/** Filters of the template library that do as Jinja does. */
const inherited = ['indent', 'items', 'sort'];

/** The filters a template may use. */
export const filterNames: readonly string[] = [...Object.keys(filters), 'format', ...inherited].sort();

/**
 * Applies a filter as Jinja does. Undefined where it is one of the template library's own; `{ value: undefined }` where
 * the answer is nothing.
 */
export function applyFilter(
  name: string,
  value: Value,
  args: FilterArguments,
): { answer: Answer | undefined } | undefined {
  if (name === 'format') return { answer: formatted(value, args) };
  const known = Object.hasOwn(filters, name) ? filters[name] : undefined;
  return known && { answer: known[1](value, new Taken(name, known[0], args)) };
}

function isTrue({ type, value }: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return type !== 'UndefinedValue' && Boolean(value);
}

function orDefault(value: Value, args: Taken): Answer {
  const isMissing = value.type === 'UndefinedValue' || (args.truth('boolean') && !isTrue(value));
  return isMissing ? (args.given('default_value') ?? '') : value;
}

function capitalized(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}

function characters(text: string): Value[] {
  return Array.from(text).map((value) => ({ type: 'StringValue', value }));
}

function sequenceOf(value: Value): readonly Value[] {
  switch (value.type) {
    case 'UndefinedValue':
      return [];
    case 'StringValue':
      return characters(textOf(value));
    case 'ArrayValue':
    case 'TupleValue':
      return itemsOf(value);
    case 'ObjectValue':
      return [...entriesOf(value).keys()].map((key) => ({ type: 'StringValue', value: key }));
    default:
      throw new Error('expected a string, a list or a map');
  }
}

function lengthOf(value: Value): number {
  return sequenceOf(value).length;
}

function reversed(value: Value): Answer {
  const items = [...sequenceOf(value)].reverse();
  return value.type === 'StringValue' ? items.map(textOf).join('') : items;
}

function replaced(text: string, args: Taken): string {
  const old = args.given('old');
  const fresh = args.given('new');
  if (old === undefined || fresh === undefined) throw new Error('`replace` needs `old` and `new`');
  const count = args.integer('count') ?? -1;
  const from = textOf(old);
  const to = textOf(fresh);
  if (count < 0)
    return from === ''
      ? to +
          Array.from(text)
            .map((char) => char + to)
            .join('')
      : text.split(from).join(to);
  if (from === '') throw new Error('`replace` of nothing takes no `count`');
  const parts = text.split(from);
  const kept = parts.splice(Math.min(count, parts.length - 1) + 1);
  return [parts.join(to), ...kept].join(from);
}

function trimmed(text: string, chars: string | undefined): string {
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

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities.get(char) ?? char);
}

function urlEncoded(value: Value): string {
  if (typeof value.value === 'object' && value.value !== null) throw new Error('`urlencode` takes text');
  return encodeURIComponent(textOf(value))
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function absolute(value: Value): Answer {
  const size = Math.abs(numberIn(value, 'abs'));
  return value.type === 'FloatValue' ? new Float(size) : size;
}

function numberIn(value: Value, filter: string): number {
  if (!['IntegerValue', 'FloatValue', 'BooleanValue'].includes(value.type)) {
    throw new Error(`\`${filter}\` takes a number, as \`int\` and \`float\` make of a string`);
  }
  return Number(value.value);
}

/** Neither of the two has a default for what is not there: that is for `default`. */
function refuseUndefined(value: Value, filter: string): void {
  if (value.type === 'UndefinedValue')
    throw new Error(`\`${filter}\` has no value to work on; put \`default\` before it`);
}

function toInteger(value: Value, args: Taken): Answer {
  refuseUndefined(value, 'int');
  if (args.given('base') !== undefined) throw new Error('`base` of `int` is not supported');
  const otherwise = (): Answer => args.given('default') ?? 0;
  if (value.type === 'StringValue') {
    const text = textOf(value);
    const integer = integerIn(text);
    if (integer !== undefined) return integer;
    if (/^\s*[-+]?(?:inf(?:inity)?|nan)\s*$/i.test(text)) return otherwise();
    const float = floatIn(text);
    return float === undefined ? otherwise() : exactly(Math.trunc(float));
  }
  if (!['IntegerValue', 'FloatValue', 'BooleanValue'].includes(value.type)) return otherwise();
  return exactly(Math.trunc(Number(value.value)));
}

function toFloat(value: Value, fallback: Value | undefined): Answer {
  refuseUndefined(value, 'float');
  const float = ['IntegerValue', 'FloatValue', 'BooleanValue'].includes(value.type)
    ? Number(value.value)
    : value.type === 'StringValue'
      ? floatIn(textOf(value))
      : undefined;
  return float === undefined ? (fallback ?? new Float(0)) : new Float(float);
}

function rounded(value: Value, args: Taken): Answer {
  const number = numberIn(value, 'round');
  const places = args.integer('precision') ?? 0;
  const method = args.text('method') ?? 'common';
  if (!['common', 'ceil', 'floor'].includes(method))
    throw new Error('`method` of `round` must be common, ceil or floor');
  if (places < 0 || places > mostPlaces) throw new Error(`\`precision\` of \`round\` must be from 0 to ${mostPlaces}`);
  if (method === 'common') {
    return value.type === 'FloatValue' ? new Float(roundHalfEven(number, places)) : number;
  }
  // Python rounds to an integer there, which knows no -0.
  return new Float(Math[method === 'ceil' ? 'ceil' : 'floor'](number * 10 ** places) / 10 ** places + 0);
}

function formatted(value: Value, { positional, named }: FilterArguments): string {
  if (positional.length > 0 && named.size > 0)
    throw new Error('`format` takes arguments by place or by name, not both');
  const argument = (given: Value): Formatted => ({
    text: textOf(given),
    number: ['IntegerValue', 'FloatValue', 'BooleanValue'].includes(given.type) ? Number(given.value) : undefined,
  });
  const byName = new Map([...named].map(([name, given]) => [name, argument(given)]));
  return percentFormat(textOf(value), positional.map(argument), byName);
}

/** Sorted and in ASCII, with HTML's own signs escaped: that is Jinja's default. */
function json(value: Value): string {
  return jsonOf(value).replace(
    /[<>&'\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function jsonOf(value: Value): string {
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
      return `[${itemsOf(value).map(jsonOf).join(', ')}]`;
    case 'ObjectValue': {
      const entries = [...entriesOf(value)].sort(([a], [b]) => (a < b ? -1 : 1));
      return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${jsonOf(item)}`).join(', ')}}`;
    }
    default:
      throw new Error('`tojson` has no value to work on; put `default` before it');
  }
}
