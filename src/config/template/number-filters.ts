import { type Answer, Float, type Taken } from './filter-arguments.js';
import type { Value } from './jinja.js';
import { exactly, floatIn, integerIn, roundHalfEven } from './python-numbers.js';
import { textOf } from './python-values.js';

const mostPlaces = 100;
const numeric = ['IntegerValue', 'FloatValue', 'BooleanValue'];

export function absolute(value: Value): Answer {
  const size = Math.abs(numberIn(value, 'abs'));
  return value.type === 'FloatValue' ? new Float(size) : size;
}

function numberIn(value: Value, filter: string): number {
  if (!numeric.includes(value.type)) {
    throw new Error(`\`${filter}\` takes a number, as \`int\` and \`float\` make of a string`);
  }
  return Number(value.value);
}

/** Refuses an undefined value. `int` and `float` replace text that is no number; only `default` replaces nothing. */
function refuseUndefined(value: Value, filter: string): void {
  if (value.type === 'UndefinedValue')
    throw new Error(`\`${filter}\` has no value to work on; put \`default\` before it`);
}

export function toInteger(value: Value, args: Taken): Answer {
  refuseUndefined(value, 'int');
  if (args.given('base') !== undefined) throw new Error('`base` of `int` is not supported');
  const otherwise = (): Answer => args.given('default') ?? 0;
  if (value.type === 'StringValue') {
    const text = textOf(value);
    const integer = integerIn(text);
    if (integer !== undefined) return integer;
    if (/^\s*[-+]?(?:inf(?:inity)?|nan)\s*$/i.test(text)) return otherwise();
    const float = floatIn(text);
    return float === undefined ? otherwise() : exactly(Math.trunc(float) + 0);
  }
  if (!numeric.includes(value.type)) return otherwise();
  return exactly(Math.trunc(Number(value.value)) + 0);
}

export function toFloat(value: Value, fallback: Value | undefined): Answer {
  refuseUndefined(value, 'float');
  const float = numeric.includes(value.type)
    ? Number(value.value)
    : value.type === 'StringValue'
      ? floatIn(textOf(value))
      : undefined;
  return float === undefined ? (fallback ?? new Float(0)) : new Float(float);
}

export function rounded(value: Value, args: Taken): Answer {
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
