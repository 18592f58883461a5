import { z } from 'zod';
import { readBudgetedPattern } from '../patterns/budgeted-pattern.js';
import { type Pattern, PatternError, readPattern } from '../patterns/pattern.js';
import { readReplacement } from '../patterns/python-replacement.js';
import { ValueTooLargeError } from '../values/text-walk.js';

/** Replaces in one text. */
export type Replacer = (text: string) => string;

/** UTF-16 units that a text may grow to. A replacement of a few letters can make any text as long as it likes. */
const longestText = 10_000_000;

/** Milliseconds for one pattern and one text, where the pattern needs an engine that may take for ever. */
const budgetMs = 250;

const word = z.strictObject({ search: z.string(), replace: z.string() }).transform(({ search, replace }, context) => {
  const pattern = readable(() => anyPattern(search), 'search', 'this is no pattern', context);
  if (pattern === undefined) return z.NEVER;
  const replacement = readable(() => readReplacement(replace, pattern), 'replace', 'this is no replacement', context);
  if (replacement === undefined) return z.NEVER;
  const exact = pattern.narrowBoundaries
    ? readable(() => readBudgetedPattern(search, budgetMs), 'search', 'this is no pattern for all scripts', context)
    : pattern;
  if (exact === undefined) return z.NEVER;
  const replacer: Replacer = (text) => {
    let length = text.length;
    return (isAscii(text) ? pattern : exact).replace(text, (match) => {
      const replaced = replacement(match);
      length += replaced.length - match.text.length;
      if (length > longestText) throw new ValueTooLargeError(`a text would have more than ${longestText} characters`);
      return replaced;
    });
  };
  return replacer;
});

/** The `config` of the plugin, as what its words do to a text. */
export const searchReplaceConfig = z.strictObject({ words: z.array(word) }).transform(
  ({ words }): Replacer =>
    (text) =>
      words.reduce((made, replace) => replace(made), text),
);

/** In linear time where that can be; else with a budget, since it is what look-around and back-references cost. */
function anyPattern(search: string): Pattern {
  try {
    return readPattern(search);
  } catch (error) {
    try {
      return readBudgetedPattern(search, budgetMs);
    } catch (other) {
      // What the second cannot do either is said by it: the first may have named what the second can do.
      throw other instanceof PatternError ? other : error;
    }
  }
}

function readable<Result>(
  read: () => Result,
  key: string,
  problem: string,
  context: z.RefinementCtx,
): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    context.addIssue({ code: 'custom', path: [key], message: `${problem}: ${error.message}` });
    return undefined;
  }
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  return !/[^\0-\x7f]/.test(text);
}
