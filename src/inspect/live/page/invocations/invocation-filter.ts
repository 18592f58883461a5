import type { InvocationOutcome, InvocationRow } from '../../feed/feed-invocations.js';
import { rowQuestion, type RowQuestion } from '../../feed/row-filter.js';
import { outcomeWords } from './step-meaning.js';

export interface InvocationFilter {
  /** Undefined: all. Failed means all that went wrong. */
  readonly outcome: FilterOutcome | undefined;
  readonly hook: string | undefined;
  /** Tokens that all lists understand: `plugin:`, `since:`. */
  readonly tokens: readonly string[];
  /** In any of the texts of a row. */
  readonly text: string;
}

export const filterOutcomes = ['blocked', 'modified', 'failed', 'running'] as const;

export type FilterOutcome = (typeof filterOutcomes)[number];

const wentWrong: readonly InvocationOutcome[] = ['failed', 'timedOut', 'aborted'];

/**
 * Reads a filter as it stands in a link: `blocked hook:tool_pre_invoke postgres`. Words that are no outcome and no hook
 * are looked for in the rows.
 */
export function readFilter(text: string): InvocationFilter {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const outcome = filterOutcomes.find((one) => words.includes(one));
  const hook = words.find((word) => word.startsWith('hook:'))?.slice('hook:'.length);
  const tokens = words.filter((word) => questionOf(word) !== undefined);
  const rest = words.filter((word) => word !== outcome && !word.startsWith('hook:') && !tokens.includes(word));
  return { outcome, hook, tokens, text: rest.join(' ') };
}

export function filterText({ outcome, hook, tokens, text }: InvocationFilter): string {
  return [outcome ?? '', hook === undefined ? '' : `hook:${hook}`, ...tokens, text]
    .filter((word) => word !== '')
    .join(' ');
}

/** @param now of the time that is shown */
export function matches({ outcome, hook, tokens, text }: InvocationFilter, now = 0): (row: InvocationRow) => boolean {
  const wanted = text.toLowerCase();
  const asked = tokens.map(questionOf).filter((one) => one !== undefined);
  return (row) =>
    (outcome === undefined || (outcome === 'failed' ? wentWrong.includes(row.outcome) : row.outcome === outcome)) &&
    (hook === undefined || row.hook === hook) &&
    asked.every((wants) => wants({ t: row.t, plugin: row.by }, now)) &&
    (wanted === '' || wordsOf(row).toLowerCase().includes(wanted));
}

/** Undefined for a word, and for a token that is not whole: it is looked for as it stands. */
function questionOf(word: string): RowQuestion | undefined {
  const isExcluded = word.startsWith('-');
  const asked = rowQuestion(isExcluded ? word.slice(1) : word);
  if (typeof asked !== 'function') return undefined;
  return isExcluded ? (row, now) => !asked(row, now) : asked;
}

function wordsOf({ subject, hook, agent, tenant, requestId, id, by, outcome }: InvocationRow): string {
  return [subject, hook, agent, tenant, requestId, id, by, outcomeWords[outcome]].filter(Boolean).join(' ');
}
