import { type Dialect, type DialectSpelling, spellings } from './pattern-dialect.js';
import { readCharacterEscape } from './pattern-escape.js';
import { changeFlags, type Flags } from './pattern-flags.js';
import { openGroup } from './pattern-group.js';
import { PatternReader } from './pattern-reader.js';
import { lineEndRanges } from './code-point-ranges.js';
import { type SetsOf, setOf, translateSet } from './pattern-set.js';

/** A pattern of Python's `re`, in the words of another engine. */
export interface Translation {
  readonly text: string;
  readonly ignoreCase: boolean;
  /** The engine's numbers of what Python numbers 1, 2, and so on. */
  readonly groups: readonly number[];
  /** Groups of the engine that hold a newline which the match does not take in Python. */
  readonly newlines: readonly number[];
  readonly names: ReadonlyMap<string, number>;
  /** Whether `\b` and `\B` in it know the letters of ASCII alone, where Python knows all. */
  readonly narrowBoundaries: boolean;
}

const mostRepeats = 1000;
const foreignBoundary = '\\b beside a letter beyond ASCII cannot be matched in linear time';

/** What stands before a place: only an atom can be repeated. */
type Before = 'nothing' | 'position' | 'atom' | 'quantifier';

/** A token, where it matters to the boundary that follows. */
type Last = 'boundary' | 'foreign letter' | undefined;

interface OpenGroup {
  readonly flags: Flags;
  readonly at: number;
  /** Of a group that captures. */
  readonly number: number | undefined;
  /** What closes it. */
  readonly end: string;
}

/** Whose pattern it is, where what is written alike means different things: in `$`, `.`, `\d`, `\w`, `\s` and `\b`. */
export type PatternMeaning = 'python' | 'ecmascript';

/** @throws PatternError for what is no pattern, and for what the engine cannot do */
export function translatePattern(
  source: string,
  ignoreCase: boolean,
  dialect: Dialect,
  meaning: PatternMeaning = 'python',
): Translation {
  return new Translator(source, ignoreCase, dialect, meaning).translate();
}

class Translator {
  readonly #reader: PatternReader;
  readonly #spelling: DialectSpelling;
  readonly #groups: number[] = [];
  readonly #newlines: number[] = [];
  readonly #names = new Map<string, number>();
  /** What each open group goes back to at its end. */
  readonly #open: OpenGroup[] = [];
  readonly #closed = new Set<number>();
  #flags: Flags;
  #before: Before = 'nothing';
  #engineGroups = 0;
  /** Whether a `$` has taken the newline along, which what follows cannot have any more. */
  #pastEnd = false;
  /** What the last token was, where it matters to boundaries. */
  #last: Last;
  #narrowBoundaries = false;

  constructor(
    source: string,
    ignoreCase: boolean,
    private readonly dialect: Dialect,
    private readonly meaning: PatternMeaning,
  ) {
    this.#reader = new PatternReader(source);
    this.#spelling = spellings[dialect];
    const global = this.#reader.matches(/\(\?([A-Za-z]+)\)/y)?.[1] ?? '';
    const ascii = meaning === 'ecmascript';
    const none: Flags = { ignoreCase, ascii, multiline: false, dotAll: false, verbose: false };
    this.#flags = changeFlags(none, global, '', this.#reader);
  }

  translate(): Translation {
    const reader = this.#reader;
    const { ignoreCase } = this.#flags;
    const groups = this.#groups;
    let text = '';
    while (!reader.done) text += this.#skipsComment() ? '' : (this.#quantifier() ?? this.#token());
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) throw reader.error('a group ( is not closed', unclosed.at);
    const narrowBoundaries = this.#narrowBoundaries;
    return { text, ignoreCase, groups, newlines: this.#newlines, names: this.#names, narrowBoundaries };
  }

  #skipsComment(): boolean {
    const reader = this.#reader;
    const at = reader.at;
    if (reader.takes('(?#')) {
      if (reader.matches(/[^)]*\)/y) === undefined) throw reader.error('a comment is not closed', at);
      return true;
    }
    return this.#flags.verbose && reader.matches(/[ \t\n\r\f\v]+|#[^\n]*/y) !== undefined;
  }

  #quantifier(): string | undefined {
    const reader = this.#reader;
    const at = reader.at;
    const counts = reader.matches(/[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\}/y)?.[0];
    if (counts === undefined) return undefined;
    if (this.#before === 'quantifier') throw reader.error('multiple repeat', at);
    if (this.#before !== 'atom') throw reader.error('nothing to repeat', at);
    this.#before = 'quantifier';
    const [least = 0, most = 0] = counts.match(/\d+/g)?.map(Number) ?? [];
    if (/\d,\d/.test(counts) && most < least) throw reader.error('a repeat has its least above its most', at);
    if (this.dialect === 'linear' && Math.max(least, most) > mostRepeats)
      throw reader.error(`a repeat above ${mostRepeats} cannot be matched in linear time`, at);
    if (reader.takes('+')) throw reader.error(`possessive ${counts}+ is not supported`, at);
    return counts.replace('{,', '{0,') + (reader.takes('?') ? '?' : '');
  }

  #token(): string {
    const reader = this.#reader;
    const at = reader.at;
    const spelling = this.#spelling;
    const pastEnd = this.#pastEnd;
    const last = this.#last;
    this.#last = undefined;
    if (reader.takes(')')) return this.#closing(at);
    this.#pastEnd = false;
    this.#before = 'nothing';
    if (reader.takes('|')) return '|';
    this.#before = 'position';
    if (reader.takes('^')) return this.#flags.multiline ? spelling.lineStart : spelling.textStart;
    if (reader.takes('$')) return this.#flags.multiline ? spelling.lineEnd : this.#endOrLastNewline();
    if (pastEnd) throw reader.error('what follows $ cannot be matched in linear time', at);
    this.#before = 'atom';
    if (reader.takes('\\')) return this.#escape(last);
    if (reader.takes('[')) return translateSet(reader, this.#sets, spelling);
    if (reader.takes('(')) return this.#opening(at);
    if (reader.takes('.')) return this.#flags.dotAll ? spelling.any : this.#anyButLineEnd;
    return this.#literal(reader.next(), last);
  }

  get #sets(): SetsOf {
    if (!this.#flags.ascii) return 'unicode';
    return this.meaning === 'ecmascript' ? 'ecmascript' : 'ascii';
  }

  get #anyButLineEnd(): string {
    const spelling = this.#spelling;
    if (this.meaning === 'python') return spelling.anyButNewline;
    return `[^${lineEndRanges.map(([first, last]) => `${spelling.codePoint(first)}-${spelling.codePoint(last)}`).join('')}]`;
  }

  #literal(point: number, last: Last): string {
    this.#before = 'atom';
    if (this.dialect === 'linear' && /[^\0-\x7f]/.test(String.fromCodePoint(point))) {
      this.#last = 'foreign letter';
      if (last === 'boundary') throw this.#reader.error(foreignBoundary);
    }
    return this.#spelling.codePoint(point);
  }

  #endOrLastNewline(): string {
    if (this.meaning === 'ecmascript') return this.#spelling.textEnd;
    if (this.dialect === 'linear') {
      this.#newlines.push(++this.#engineGroups);
      this.#pastEnd = true;
    }
    return this.#spelling.endOrLastNewline;
  }

  #boundary(letter: 'boundary' | 'noBoundary', last: Last, at: number): string {
    if (this.#flags.ascii) return this.#spelling[letter].ascii;
    if (this.dialect === 'linear') {
      if (last === 'foreign letter') throw this.#reader.error(foreignBoundary, at);
      this.#last = 'boundary';
      this.#narrowBoundaries = true;
    }
    return this.#spelling[letter].unicode;
  }

  #escape(last: Last): string {
    const reader = this.#reader;
    const at = reader.at - 1;
    const spelling = this.#spelling;
    const point = readCharacterEscape(reader, false);
    if (point !== undefined) return this.#literal(point, last);
    const earlier = reader.matches(/[1-9]\d?/y)?.[0];
    if (earlier !== undefined) return this.#backReference(Number(earlier), at);
    const letter = String.fromCodePoint(reader.next());
    const set = /[dws]/i.test(letter) ? setOf(letter, this.#sets, spelling) : undefined;
    if (set !== undefined) return `[${set}]`;
    this.#before = 'position';
    if (letter === 'A') return spelling.textStart;
    if (letter === 'Z') return spelling.textEnd;
    if (letter === 'b') return this.#boundary('boundary', last, at);
    if (letter === 'B') return this.#boundary('noBoundary', last, at);
    throw reader.error(`\\${letter} means nothing`, at);
  }

  #opening(at: number): string {
    const opened = openGroup(this.#reader, this.#flags, this.dialect, at);
    if (opened.kind === 'back-reference') {
      const number = this.#names.get(opened.name);
      if (number === undefined) throw this.#reader.error(`no group has the name ${opened.name}`, at);
      return this.#backReference(number, at);
    }
    let number: number | undefined;
    if (opened.kind === 'capturing') {
      number = this.#groups.push(++this.#engineGroups);
      if (opened.name !== undefined) {
        if (this.#names.has(opened.name)) throw this.#reader.error(`two groups have the name ${opened.name}`, at);
        this.#names.set(opened.name, number);
      }
    }
    const end = opened.kind === 'other' ? (opened.end ?? ')') : ')';
    this.#open.push({ flags: this.#flags, at, number, end });
    this.#flags = opened.flags;
    this.#before = 'nothing';
    return opened.text;
  }

  #closing(at: number): string {
    const group = this.#open.pop();
    if (group === undefined) throw this.#reader.error('a ) closes no group', at);
    this.#flags = group.flags;
    this.#before = 'atom';
    if (group.number !== undefined) this.#closed.add(group.number);
    return group.end;
  }

  #backReference(number: number, at: number): string {
    if (this.dialect === 'linear') throw this.#reader.error('a back-reference cannot be matched in linear time', at);
    if (!this.#closed.has(number))
      throw this.#reader.error(`group ${number} is not closed before it is referred to`, at);
    // The group keeps the next digit from being read as a part of the number.
    return `(?:\\${number})`;
  }
}
