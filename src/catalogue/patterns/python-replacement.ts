import type { Pattern, PatternMatch } from './pattern.js';
import { PatternReader } from './pattern-reader.js';

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/**
 * Reads what Python's `re.sub` puts in the place of a match: `\1`, `\g<1>`, `\g<name>`, `\g<0>`, `\n`, `\\`. A group that
 * had no part in the match gives nothing.
 *
 * @throws PatternError for groups that the pattern does not have, and for letters that mean nothing after a backslash
 */
export function readReplacement(
  template: string,
  { names, groupCount }: Pick<Pattern, 'names' | 'groupCount'>,
): (match: PatternMatch) => string {
  const reader = new PatternReader(template);
  /** Texts, and groups by their number. */
  const parts: (string | number)[] = [];
  while (!reader.done) {
    const at = reader.at;
    const text = reader.matches(/[^\\]+/y);
    const part = text === undefined ? readEscape(reader, names) : text[0];
    if (typeof part === 'number' && part > groupCount) throw reader.error(`there is no group ${part}`, at);
    parts.push(part);
  }
  if (parts.every((part) => typeof part === 'string')) {
    const always = parts.join('');
    return () => always;
  }
  return (match) =>
    parts
      .map((part) => (typeof part === 'string' ? part : part === 0 ? match.text : (match.groups[part - 1] ?? '')))
      .join('');
}

function readEscape(reader: PatternReader, names: ReadonlyMap<string, number>): string | number {
  const at = reader.at;
  reader.takes('\\');
  if (reader.takes('g')) {
    const name = reader.matches(/<([^>]*)>/y)?.[1];
    if (name === undefined) throw reader.error('\\g needs the name of a group: \\g<name>', at);
    const number = /^\d+$/.test(name) ? Number(name) : names.get(name);
    if (number === undefined) throw reader.error(`no group has the name ${name}`, at);
    return number;
  }
  const octal = reader.matches(/0[0-7]{0,2}|[1-7][0-7]{2}/y)?.[0];
  if (octal !== undefined) {
    const point = Number.parseInt(octal, 8);
    if (point > 0o377) throw reader.error(`octal escape \\${octal} is above \\377`, at);
    return String.fromCodePoint(point);
  }
  const number = reader.matches(/[1-9]\d?/y)?.[0];
  if (number !== undefined) return Number(number);
  const character = String.fromCodePoint(reader.next());
  const escape = escapes[character];
  if (escape !== undefined) return escape;
  if (/[A-Za-z]/.test(character)) throw reader.error(`\\${character} means nothing in a replacement`, at);
  // As in Python, the backslash stays.
  return `\\${character}`;
}
