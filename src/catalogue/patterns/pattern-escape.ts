import type { PatternReader } from './pattern-reader.js';

const control: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * The character that an escape stands for, after its backslash; undefined where it stands for none: a set, a position or
 * an earlier group. Letters that mean nothing are refused, as Python does.
 *
 * @param inSet whether it stands in `[…]`, where numbers are always octal
 */
export function readCharacterEscape(reader: PatternReader, inSet: boolean): number | undefined {
  const start = reader.at - 1;
  const octal = reader.matches(inSet ? /[0-7]{1,3}/y : /0[0-7]{0,2}|[1-3][0-7]{2}/y);
  if (octal !== undefined) {
    const point = Number.parseInt(octal[0], 8);
    if (point > 0o377) throw reader.error(`octal escape \\${octal[0]} is above \\377`, start);
    return point;
  }
  const letter = reader.matches(/[A-Za-z0-9]/y)?.[0];
  if (letter === undefined) return reader.next();
  const simple = control[letter];
  if (simple !== undefined) return simple;
  const length = hexLengths[letter];
  if (length !== undefined) {
    const digits = reader.matches(new RegExp(`[0-9A-Fa-f]{${length}}`, 'y'));
    const point = digits === undefined ? Number.NaN : Number.parseInt(digits[0], 16);
    if (!(point <= 0x10ffff)) throw reader.error(`\\${letter} needs ${length} hexadecimal digits`, start);
    return point;
  }
  if (letter === 'N') throw reader.error('\\N{…} is not known: write the character itself', start);
  reader.at = start + 1;
  return undefined;
}
