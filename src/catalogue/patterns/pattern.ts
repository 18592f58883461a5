import { RE2JS } from 're2js';
import { PatternBudgetError, PatternError } from './pattern-error.js';
import { type PatternMeaning, type Translation, translatePattern } from './pattern-translation.js';
import { withinBudget } from './time-budget.js';

export { PatternBudgetError, PatternError };

/** One place where a pattern matches. Positions count UTF-16 units, as JavaScript's strings do. */
export interface PatternMatch {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** By number, from 1; undefined for a group that had no part in the match. */
  readonly groups: readonly (string | undefined)[];
}

/** A pattern of users', compiled. */
export interface Pattern {
  readonly source: string;
  /** Numbers of the groups that have a name. */
  readonly names: ReadonlyMap<string, number>;
  readonly groupCount: number;
  /** Whether `\b` and `\B` in it know the letters of ASCII alone, where Python knows all. */
  readonly narrowBoundaries: boolean;
  /** @throws PatternBudgetError */
  test(text: string): boolean;
  /**
   * The matches from the left, none of which overlap. An empty one may follow another at its end, as in Python.
   *
   * @throws PatternBudgetError when finding them takes too long
   */
  matches(text: string): readonly PatternMatch[];
  /** @throws PatternBudgetError */
  replace(text: string, replacement: (match: PatternMatch) => string): string;
}

/**
 * A search is linear in the text, but each step can cost as much as the pattern is large, and each of many matches can
 * look at all that is left of the text.
 */
const budgetMs = 5000;

/** UTF-16 units of a text that is done long before its budget, which would cost more to keep. */
const shortText = 1024;

/**
 * Reads a pattern as Python's `re` writes them. A search takes time that is linear in the text, whatever both are, and is
 * stopped after five seconds. Look-around, back-references and repeats above 1000 are refused; `\b` knows the letters of
 * ASCII alone. One of ECMAScript is read in the same way, as far as both write alike, and means what it means there.
 *
 * @throws PatternError
 */
export function readPattern(
  source: string,
  { ignoreCase = false, meaning }: { readonly ignoreCase?: boolean; readonly meaning?: PatternMeaning } = {},
): Pattern {
  const translation = translatePattern(source, ignoreCase, 'linear', meaning);
  const { names, groups, narrowBoundaries } = translation;
  let compiled = compile(translation);
  const bounded = <Result>(text: string, work: (compiled: RE2JS) => Result): Result => {
    if (text.length <= shortText) return work(compiled);
    try {
      return withinBudget(budgetMs, () => work(compiled));
    } catch (error) {
      // What it had remembered of earlier searches may be half written.
      compiled = compile(translation);
      throw error;
    }
  };
  return {
    source,
    names,
    groupCount: groups.length,
    narrowBoundaries,
    test: (text) => bounded(text, (ours) => ours.test(text)),
    matches: (text) => bounded(text, (ours) => [...search(ours, translation, text)]),
    replace: (text, replacement) =>
      bounded(text, (ours) => replaceMatches(text, search(ours, translation, text), replacement)),
  };
}

function compile({ text, ignoreCase }: Translation): RE2JS {
  try {
    return RE2JS.compile(text, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw new PatternError('it is too large to be matched in linear time', { cause: error });
  }
}

function* search(compiled: RE2JS, { groups, newlines }: Translation, text: string): Iterable<PatternMatch> {
  const matcher = compiled.matcher(text);
  let from = 0;
  while (from <= text.length && matcher.find(from)) {
    const start = matcher.start();
    const end = newlines.some((at) => matcher.group(at)) ? text.length - 1 : matcher.end();
    yield {
      text: text.slice(start, end),
      start,
      end,
      groups: groups.map((at) => {
        const groupStart = matcher.start(at);
        return groupStart < 0 ? undefined : text.slice(groupStart, Math.min(matcher.end(at), end));
      }),
    };
    from = end > start ? end : after(text, end);
  }
}

/** A text with the places that match replaced; the very text where there are none. */
export function replaceMatches(
  text: string,
  matches: Iterable<PatternMatch>,
  replacement: (match: PatternMatch) => string,
): string {
  let made = '';
  let from = 0;
  for (const match of matches) {
    made += text.slice(from, match.start) + replacement(match);
    from = match.end;
  }
  return from === 0 && made === '' ? text : made + text.slice(from);
}

/** Where the character after a position ends. */
function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}
