import type { InvocationOutcome, InvocationRow } from '../../feed/feed-invocations.js';
import { outcomeWords } from './step-meaning.js';

export interface InvocationFilter {
  /** Undefined: all. Failed means all that went wrong. */
  readonly outcome: FilterOutcome | undefined;
  readonly hook: string | undefined;
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
  const rest = words.filter((word) => word !== outcome && !word.startsWith('hook:'));
  return { outcome, hook, text: rest.join(' ') };
}

export function filterText({ outcome, hook, text }: InvocationFilter): string {
  return [outcome ?? '', hook === undefined ? '' : `hook:${hook}`, text].filter((word) => word !== '').join(' ');
}

export function matches({ outcome, hook, text }: InvocationFilter): (row: InvocationRow) => boolean {
  const wanted = text.toLowerCase();
  return (row) =>
    (outcome === undefined || (outcome === 'failed' ? wentWrong.includes(row.outcome) : row.outcome === outcome)) &&
    (hook === undefined || row.hook === hook) &&
    (wanted === '' || wordsOf(row).toLowerCase().includes(wanted));
}

function wordsOf({ subject, hook, agent, tenant, requestId, id, by, outcome }: InvocationRow): string {
  return [subject, hook, agent, tenant, requestId, id, by, outcomeWords[outcome]].filter(Boolean).join(' ');
}
