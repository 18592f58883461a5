import { type Answer, type FilterArguments, isTrue, Taken } from './filter-arguments.js';
import type { Value } from './jinja.js';
import { absolute, rounded, toFloat, toInteger } from './number-filters.js';
import { entriesOf, itemsOf, textOf } from './python-values.js';
import { largestText, Walk } from './template-limits.js';
import {
  capitalized,
  escaped,
  formatted,
  joined,
  json,
  replaced,
  titled,
  trimmed,
  urlEncoded,
} from './text-filters.js';

type Filter = (value: Value, args: Taken) => Answer | undefined;

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
  join: [['d'], (value, args) => joined(textsIn(value), args.text('d') ?? '')],
  last: [[], (value) => sequenceOf(value).at(-1)],
  length: [[], (value) => lengthOf(value)],
  list: [[], (value) => sequenceOf(value)],
  lower: [[], (value) => textOf(value).toLowerCase()],
  replace: [['old', 'new', 'count'], (value, args) => replaced(textOf(value), args)],
  reverse: [[], (value) => reversed(value)],
  round: [['precision', 'method'], (value, args) => rounded(value, args)],
  safe: [[], (value) => value],
  string: [[], (value) => textOf(value)],
  title: [[], (value) => titled(textOf(value))],
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
  if (name === 'indent') checkIndent(value, args);
  const known = Object.hasOwn(filters, name) ? filters[name] : undefined;
  return known && { answer: known[1](value, new Taken(name, known[0], args)) };
}

/** The library's own `indent` writes whatever it is told. */
function checkIndent(value: Value, { positional, named }: FilterArguments): void {
  const width = (positional[0] ?? named.get('width'))?.value ?? 4;
  const lines = textOf(value).split('\n').length;
  if (typeof width === 'number' && width * lines > largestText) throw new Error('the `width` of `indent` is too large');
}

function orDefault(value: Value, args: Taken): Answer {
  const isMissing = value.type === 'UndefinedValue' || (args.truth('boolean') && !isTrue(value));
  return isMissing ? (args.given('default_value') ?? '') : value;
}

function characters(text: string): Value[] {
  if (text.length > largestText) throw new RangeError('the text is too large to take apart');
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

function textsIn(value: Value): string[] {
  const walk = new Walk();
  return sequenceOf(value).map((item) => textOf(item, walk));
}

function lengthOf(value: Value): number {
  return sequenceOf(value).length;
}

function reversed(value: Value): Answer {
  const items = [...sequenceOf(value)].reverse();
  return value.type === 'StringValue' ? items.map((item) => textOf(item)).join('') : items;
}
