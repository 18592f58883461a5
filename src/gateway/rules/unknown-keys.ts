import { errorAt, pathText, type Path, type Report, warningAt } from '../../config/problem.js';
import { suggestionFor } from '../../config/suggestion.js';

/** What a person writes who means one of the two. */
const wordsForRules = ['allow', 'allowed', 'allows', 'deny', 'denied', 'denies'];

/** Keys that hold words for people in many files. */
const remarks = /^(comments?|contact|description|email|name|notes?|owner|purpose|team|title|version)$/i;

/** How keys begin that are meant to be skipped. */
const skipped = /^(_|\/\/|#|\$|x-)/i;

/**
 * Reports the keys of an object that are not known, those apart that hold remarks. What stands for all agents and may
 * have been meant as a rule is an error always: it cannot be held against one of them.
 *
 * @returns the path of the first that may have been meant as a rule
 */
export function reportUnknownKeys(
  path: Path,
  record: Readonly<Record<string, unknown>>,
  known: readonly string[],
  { report, strict }: { readonly report: Report; readonly strict: boolean },
): string | undefined {
  const agent = path[0] === 'agents';
  const unknown = Object.keys(record).filter((key) => !known.includes(key) && !isRemark(key, record[key], known));
  for (const key of unknown) {
    const meant = suggestionFor(key, known);
    const hint = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean \`${meant}\`?`;
    const outcome = agent ? '; until this is put right, the agent may use nothing' : '';
    const refused = strict || (!agent && meansRule(key, wordsForRules));
    const at = [...path, key];
    report(refused ? errorAt(at, `unknown key; ${hint}`, 'key') : warningAt(at, `unknown key; ${hint}${outcome}`));
  }
  return agent && unknown[0] !== undefined ? pathText([...path, unknown[0]]) : undefined;
}

/** A rule that someone put out of use with an underscore is no remark: nobody can tell whether it was meant to hold. */
function isRemark(key: string, value: unknown, known: readonly string[]): boolean {
  const isText = typeof value === 'string' || typeof value === 'number';
  if (skipped.test(key)) return isText || !meansRule(key.replace(skipped, ''), [...known, ...wordsForRules]);
  return isText && remarks.test(key);
}

function meansRule(key: string, words: readonly string[]): boolean {
  return suggestionFor(key, words) !== undefined;
}
