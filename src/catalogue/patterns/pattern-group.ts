import type { Dialect } from './pattern-dialect.js';
import { changeFlags, type Flags } from './pattern-flags.js';
import type { PatternReader } from './pattern-reader.js';

/** What an opening bracket begins. */
export type OpenedGroup =
  | { readonly kind: 'capturing'; readonly text: string; readonly name?: string; readonly flags: Flags }
  | { readonly kind: 'other'; readonly text: string; readonly end?: string; readonly flags: Flags }
  | { readonly kind: 'back-reference'; readonly name: string };

const looks: readonly (readonly [string, string])[] = [
  ['=', 'look-ahead'],
  ['!', 'look-ahead'],
  ['<=', 'look-behind'],
  ['<!', 'look-behind'],
];

/**
 * Reads the beginning of a group, after its bracket.
 *
 * @param at where the bracket is, for messages
 */
export function openGroup(reader: PatternReader, flags: Flags, dialect: Dialect, at: number): OpenedGroup {
  if (!reader.takes('?')) return { kind: 'capturing', text: '(', flags };
  if (reader.takes(':')) return { kind: 'other', text: '(?:', flags };
  if (reader.takes('P=')) return { kind: 'back-reference', name: groupName(reader, ')', at) };
  if (reader.takes('P<')) return { kind: 'capturing', text: '(', name: groupName(reader, '>', at), flags };
  for (const [sign, name] of looks) {
    if (!reader.takes(sign)) continue;
    if (dialect === 'linear') throw reader.error(`${name} cannot be matched in linear time`, at);
    // JavaScript repeats what is in a group, and no look-around.
    return { kind: 'other', text: `(?:(?${sign}`, end: '))', flags };
  }
  if (reader.sees('>')) throw reader.error('an atomic group is not supported', at);
  if (reader.sees('(')) throw reader.error('a conditional group is not supported', at);
  const [, on = '', off = '', end] = reader.matches(/([A-Za-z]*)(?:-([A-Za-z]+))?([:)])/y) ?? [];
  if (end === undefined) throw reader.error(`(?${reader.source.slice(reader.at, reader.at + 2)} begins no group`, at);
  if (end === ')') throw reader.error('flags for the whole pattern stand at its start', at);
  const changed = changeFlags(flags, on, off, reader);
  if (changed.ignoreCase === flags.ignoreCase) return { kind: 'other', text: '(?:', flags: changed };
  if (dialect === 'backtracking')
    throw reader.error('(?i:…) does not go with look-around and back-references: (?i) at the start does', at);
  return { kind: 'other', text: changed.ignoreCase ? '(?i:' : '(?-i:', flags: changed };
}

function groupName(reader: PatternReader, end: string, at: number): string {
  const name = reader.matches(/[\p{L}_][\p{L}\p{N}_]*/uy)?.[0];
  if (name === undefined || !reader.takes(end)) throw reader.error('the name of a group is not one', at);
  return name;
}
