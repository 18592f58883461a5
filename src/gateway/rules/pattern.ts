/** A name, or a pattern for names, as it stands in a rule. */
export interface Pattern {
  readonly text: string;
  /** Whether it has wildcards; without them only the name itself matches. */
  readonly wild: boolean;
  /** Whether a name is the very text of this one. */
  is(name: string): boolean;
  /** Whether a name is the very text of this one, or fits it. Takes time in proportion to their lengths multiplied, at worst. */
  readonly matches: (name: string) => boolean;
}

/** Characters that a pattern may have, and a name that is matched. */
export const longestName = 1_024;

/**
 * Reads a pattern as Python's `fnmatch` does, with case and without escapes: `*` is any text, `?` any character, `[seq]` and
 * `[!seq]` a character that is in a set or is not, with ranges like `a-z`. A `[` that nothing closes stands for itself.
 * Characters are code points. A range that ends before it begins, `[z-a]`, is in no set: see {@link patternFault}.
 */
export function readPattern(text: string): Pattern {
  const wild = /[*?[]/.test(text);
  const is = (name: string): boolean => name === text;
  if (!wild) return { text, wild, is, matches: is };
  const fits = matcherOf(text);
  return { text, wild, is, matches: (name) => name === text || fits(name) };
}

/** Why a text should not be taken as a pattern; undefined where nothing speaks against it. */
export function patternFault(text: string): string | undefined {
  if (text === '') return 'expected a name or a pattern, found an empty string';
  if (text.length > longestName) {
    return `expected a name or a pattern of at most ${longestName} characters, found ${text.length}`;
  }
  const reversed = tokensOf(text).some(
    (token) => typeof token === 'object' && token.ranges.some(([first, last]) => first > last),
  );
  return reversed ? 'a range like `[a-z]` ends before it begins, and nothing is in it' : undefined;
}

/** Why a text may say something else than its author meant; undefined where nothing speaks for that. */
export function patternDoubt(text: string): string | undefined {
  return tokensOf(text).includes(open) ? 'no `]` closes the `[`, which stands for itself' : undefined;
}

interface CharacterSet {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/** A code point that stands for itself, or what else may stand in its place. */
type Token = number | 'any text' | 'any character' | CharacterSet;

const star = 0x2a;
const question = 0x3f;
const open = 0x5b;
const close = 0x5d;
const not = 0x21;
const dash = 0x2d;

function tokensOf(text: string): Token[] {
  const points = codePoints(text);
  const tokens: Token[] = [];
  for (let index = 0; index < points.length; index++) {
    const point = points[index] ?? 0;
    if (point === star) {
      if (tokens.at(-1) !== 'any text') tokens.push('any text');
    } else if (point === question) {
      tokens.push('any character');
    } else {
      const end = point === open ? endOfSet(points, index) : undefined;
      tokens.push(end === undefined ? point : setOf(points.slice(index + 1, end)));
      index = end ?? index;
    }
  }
  return tokens;
}

/** Where the `]` of the set that begins at `start` is: right after `[` or `[!` it is a character of the set. */
function endOfSet(points: readonly number[], start: number): number | undefined {
  const first = points[start + 1] === not ? start + 2 : start + 1;
  const end = points.indexOf(close, first + 1);
  return end === -1 ? undefined : end;
}

function setOf(inside: readonly number[]): CharacterSet {
  const negated = inside[0] === not;
  const members = negated ? inside.slice(1) : inside;
  const ranges: (readonly [number, number])[] = [];
  for (let index = 0; index < members.length; index++) {
    const first = members[index] ?? 0;
    const last = members[index + 1] === dash ? members[index + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) index += 2;
  }
  return { negated, ranges };
}

function matcherOf(text: string): (name: string) => boolean {
  // What nearly all patterns are, without a look at each character.
  const [, before, inner, after] = /^(\*?)([\w./:@-]*)(\*?)$/.exec(text) ?? [];
  if (inner === '') return () => true;
  if (inner !== undefined && before === '') return (name) => name.startsWith(inner);
  if (inner !== undefined && after === '') return (name) => name.endsWith(inner);
  const tokens = tokensOf(text);
  return (name) => matchesTokens(codePoints(name), tokens);
}

/** Only the last `any text` is ever taken back: an earlier one need not be longer than it was when that one was reached. */
function matchesTokens(points: readonly number[], tokens: readonly Token[]): boolean {
  let point = 0;
  let token = 0;
  let retry: { readonly token: number; point: number } | undefined;
  while (point < points.length) {
    const wanted = tokens[token];
    if (wanted === 'any text') {
      token++;
      retry = { token, point };
    } else if (wanted !== undefined && accepts(wanted, points[point] ?? 0)) {
      token++;
      point++;
    } else if (retry === undefined) {
      return false;
    } else {
      token = retry.token;
      point = ++retry.point;
    }
  }
  while (tokens[token] === 'any text') token++;
  return token === tokens.length;
}

function accepts(token: Exclude<Token, 'any text'>, point: number): boolean {
  if (typeof token === 'number') return token === point;
  if (token === 'any character') return true;
  return token.ranges.some(([first, last]) => first <= point && point <= last) !== token.negated;
}

/** Halves of surrogate pairs that stand alone count as characters. */
function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}
