import {
  asciiSpaceRanges,
  asciiWordRanges,
  complementOf,
  ecmaScriptSpaceRanges,
  type Ranges,
  spaceRanges,
  wordRanges,
} from './code-point-ranges.js';
import type { DialectSpelling } from './pattern-dialect.js';
import { readCharacterEscape } from './pattern-escape.js';
import type { PatternReader } from './pattern-reader.js';

/** Whose letters, digits and spaces `\w`, `\d` and `\s` take: Python's, with its flag `a` or without, or those of ECMAScript. */
export type SetsOf = 'unicode' | 'ascii' | 'ecmascript';

/** What `\d`, `\w`, `\s` and their opposites hold, as it is written between brackets. */
export function setOf(letter: string, sets: SetsOf, spelling: DialectSpelling): string | undefined {
  const ascii = sets !== 'unicode';
  const spaces = { unicode: spaceRanges, ascii: asciiSpaceRanges, ecmascript: ecmaScriptSpaceRanges }[sets];
  const written = (ranges: Ranges): string =>
    ranges.map(([first, last]) => `${spelling.codePoint(first)}-${spelling.codePoint(last)}`).join('');
  switch (letter) {
    case 'd':
      return ascii ? '0-9' : String.raw`\p{Nd}`;
    case 'D':
      return ascii ? written(complementOf([[0x30, 0x39]])) : String.raw`\P{Nd}`;
    case 'w':
      return ascii ? '0-9A-Z_a-z' : String.raw`\p{L}\p{N}_`;
    case 'W':
      return written(complementOf(ascii ? asciiWordRanges : wordRanges()));
    case 's':
      return written(spaces);
    case 'S':
      return written(complementOf(spaces));
    default:
      return undefined;
  }
}

/** Writes a set, after its opening bracket, for an engine. */
export function translateSet(reader: PatternReader, sets: SetsOf, spelling: DialectSpelling): string {
  const start = reader.at - 1;
  const negated = reader.takes('^');
  const parts: string[] = [];
  // A bracket that comes first is a character.
  while (parts.length === 0 || !reader.sees(']')) {
    if (reader.done) throw reader.error('a set [ is not closed', start);
    const first = readMember(reader, sets, spelling);
    if (!isRangeNext(reader)) {
      parts.push(typeof first === 'number' ? spelling.codePoint(first) : first);
      continue;
    }
    const range = reader.at;
    reader.takes('-');
    const last = readMember(reader, sets, spelling);
    if (typeof first !== 'number' || typeof last !== 'number' || last < first)
      throw reader.error('a range in a set needs two characters in order', range);
    parts.push(`${spelling.codePoint(first)}-${spelling.codePoint(last)}`);
  }
  reader.takes(']');
  return `[${negated ? '^' : ''}${parts.join('')}]`;
}

function isRangeNext(reader: PatternReader): boolean {
  return reader.sees('-') && !reader.sees('-]') && reader.at + 1 < reader.source.length;
}

function readMember(reader: PatternReader, sets: SetsOf, spelling: DialectSpelling): number | string {
  if (!reader.takes('\\')) return reader.next();
  const start = reader.at - 1;
  if (reader.takes('b')) return 0x08;
  const point = readCharacterEscape(reader, true);
  if (point !== undefined) return point;
  const letter = String.fromCodePoint(reader.next());
  const set = setOf(letter, sets, spelling);
  if (set === undefined) throw reader.error(`\\${letter} means nothing in a set`, start);
  return set;
}
