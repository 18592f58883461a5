import { type Pattern, PatternError, type PatternMatch, replaceMatches } from './pattern.js';
import { translatePattern } from './pattern-translation.js';
import { withinBudget } from './time-budget.js';

/**
 * Reads a pattern as Python's `re` writes them, with look-around and back-references. It runs in JavaScript's own engine,
 * which may take for ever: it is stopped after its budget.
 *
 * @param budgetMs milliseconds for one text, in which nothing else runs
 * @throws PatternError
 */
export function readBudgetedPattern(source: string, budgetMs: number): Pattern {
  const { text: written, ignoreCase, names, groups } = translatePattern(source, false, 'backtracking');
  let expression: RegExp;
  try {
    expression = new RegExp(written, ignoreCase ? 'giu' : 'gu');
  } catch (error) {
    throw new PatternError('the engine of JavaScript does not take it', { cause: error });
  }
  const matches = (text: string): readonly PatternMatch[] =>
    withinBudget(budgetMs, () =>
      Array.from(text.matchAll(expression), matchOf).filter(({ start }) => !isInsideCharacter(text, start)),
    );
  return {
    source,
    names,
    groupCount: groups.length,
    narrowBoundaries: false,
    test: (text) => matches(text).length > 0,
    matches,
    replace: (text, replacement) => replaceMatches(text, matches(text), replacement),
  };
}

function matchOf(match: RegExpExecArray): PatternMatch {
  const [text, ...groups] = match;
  return { text, start: match.index, end: match.index + text.length, groups };
}

/** Whether a position is between the two halves of a character. */
function isInsideCharacter(text: string, at: number): boolean {
  return /^[\uDC00-\uDFFF]/.test(text.charAt(at)) && /^[\uD800-\uDBFF]/.test(text.charAt(at - 1));
}
