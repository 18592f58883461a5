import { Walk } from './template-limits.js';

/** What Python's `int` reads of a text in base 10, or undefined. Beyond 2^53 a number could not be held exactly. */
export function integerIn(text: string): number | undefined {
  const bare = text.trim();
  if (!/^[-+]?\d+(?:_\d+)*$/.test(bare)) return undefined;
  return exactly(Number(bare.replaceAll('_', '')));
}

/** What Python's `float` reads of a text, or undefined; what is not finite is refused. */
export function floatIn(text: string): number | undefined {
  const bare = text.trim();
  if (/^[-+]?(?:inf(?:inity)?|nan)$/i.test(bare)) throw new Error('expected a finite number');
  const written = /^[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/i;
  return written.test(bare) ? finite(Number(bare.replaceAll('_', ''))) : undefined;
}

export function exactly(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error('expected a whole number that can be held exactly');
  return value;
}

export function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error('expected a finite number');
  return value;
}

/** Python's `%`: the rest has the sign of the divisor. */
export function modulo(dividend: number, divisor: number): number {
  const rest = dividend % divisor;
  return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
}

const mostPlaces = 100;

/** Python's `round`: the nearest number of that many places, and of two that are as near the even one. */
export function roundHalfEven(value: number, places: number): number {
  if (Math.abs(value) >= 1e21) return value;
  const rounded = nearest(value, places);
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}

function nearest(value: number, places: number): number {
  const rounded = Number(value.toFixed(places));
  // All digits of a double; where they end in a lone 5, it is a tie, which `toFixed` takes away from zero.
  const [, fraction = ''] = Math.abs(value).toFixed(mostPlaces).split('.');
  if (!/^50*$/.test(fraction.slice(places))) return rounded;
  const even = (text: string): boolean => /[02468]$/.test(text.replace('.', ''));
  if (even(rounded.toFixed(places))) return rounded;
  const other = rounded - Math.sign(value) * 10 ** -places;
  return Number(other.toFixed(places));
}

const directive = /%(?:\((?<name>[^()%]*)\))?(?<flags>[-+ 0#]*)(?<width>\d+)?(?:\.(?<places>\d+))?(?<kind>.|$)/gsu;
const widest = 1_000;

/** A value that `%` formats. */
export interface Formatted {
  readonly text: string;
  /** Undefined for what is no number. */
  readonly number: number | undefined;
}

/**
 * Python's `%` on strings, for `s`, `d`, `i`, `f`, `x`, `X` and `%`.
 *
 * @throws Error for other directives, and for arguments that are missing, left over or of another kind
 */
export function percentFormat(
  format: string,
  args: readonly Formatted[],
  named: ReadonlyMap<string, Formatted>,
): string {
  let next = 0;
  const walk = new Walk();
  const result = format.replace(directive, (...match) => {
    const groups = match.at(-1) as Record<'name' | 'flags' | 'width' | 'places' | 'kind', string | undefined>;
    const { name, flags = '', kind = '' } = groups;
    if (kind === '%') return '%';
    const argument = name === undefined ? args[next++] : named.get(name);
    if (argument === undefined) throw new Error('`format` has too few arguments');
    const width = bounded(groups.width);
    const places = groups.places === undefined ? undefined : bounded(groups.places);
    const text = directed(argument, kind, places, flags);
    walk.spend(Math.max(text.length, width));
    if (text.length >= width) return text;
    if (flags.includes('-')) return text.padEnd(width);
    if (!flags.includes('0') || kind === 's') return text.padStart(width);
    const sign = /^[-+ ]?/.exec(text)?.[0] ?? '';
    return sign + text.slice(sign.length).padStart(width - sign.length, '0');
  });
  if (next < args.length) throw new Error('`format` has more arguments than places for them');
  return result;
}

function bounded(digits: string | undefined): number {
  const width = Number(digits ?? 0);
  if (width > widest) throw new Error(`\`format\` takes widths of at most ${widest}`);
  return width;
}

function directed({ text, number }: Formatted, kind: string, places: number | undefined, flags: string): string {
  if (kind === 's') return places === undefined ? text : Array.from(text).slice(0, places).join('');
  if (!['d', 'i', 'f', 'x', 'X'].includes(kind))
    throw new Error(`\`format\` does not support this directive: %${kind}`);
  if (flags.includes('#')) throw new Error('`format` does not support the flag #');
  if (number === undefined) throw new Error(`\`format\` needs a number for %${kind}`);
  if ((kind === 'x' || kind === 'X') && !Number.isInteger(number))
    throw new Error(`\`format\` needs an integer for %${kind}`);
  const size = Math.abs(number);
  let digits: string;
  if (kind === 'f') digits = fixed(size, Math.min(places ?? 6, 100));
  else
    digits = (kind === 'd' || kind === 'i' ? Math.trunc(size).toString() : size.toString(16)).padStart(
      places ?? 0,
      '0',
    );
  if (kind === 'X') digits = digits.toUpperCase();
  const negative = number < 0 || Object.is(number, -0);
  return (negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + digits;
}

function fixed(size: number, places: number): string {
  if (size >= 1e21) throw new Error('`format` takes numbers below 10^21');
  return roundHalfEven(size, places).toFixed(places);
}
