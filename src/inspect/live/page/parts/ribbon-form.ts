import type { RibbonSpan } from '../store/ribbon-history.js';
import { type Meaning, meaningOf } from './meaning.js';
import { duration } from './time-format.js';

/** How a state is drawn in a ribbon: its height and its pattern say which one it is, where no colour is seen. */
export interface RibbonForm {
  /** Of the height of the ribbon, 0 to 1. */
  readonly height: number;
  readonly pattern: 'solid' | 'hatched' | 'lined' | 'thin';
}

const forms: Readonly<Record<Meaning, RibbonForm>> = {
  idle: { height: 0.12, pattern: 'thin' },
  connecting: { height: 0.5, pattern: 'solid' },
  ready: { height: 1, pattern: 'lined' },
  reconnecting: { height: 1, pattern: 'hatched' },
  failed: { height: 1, pattern: 'solid' },
  blocked: { height: 1, pattern: 'solid' },
  modified: { height: 0.5, pattern: 'solid' },
};

export function formOf(meaning: Meaning): RibbonForm {
  return forms[meaning];
}

/** What a ribbon says, in words: `ready, before that reconnecting for 12 s`. */
export function ribbonInWords(spans: readonly RibbonSpan[]): string {
  const heads = spans.map(({ state, from, to }) => ({ head: state.split('.')[0] ?? state, ms: to - from }));
  const last = heads.at(-1);
  if (last === undefined) return 'nothing known';
  const totals = new Map<string, number>();
  for (const { head, ms } of heads) totals.set(head, (totals.get(head) ?? 0) + ms);
  totals.delete(last.head);
  const before = [...totals].map(([head, ms]) => `${head} for ${duration(ms)}`);
  return before.length === 0 ? `${last.head} all the time` : `${last.head} now; before that ${before.join(', ')}`;
}

/** The quiet ones first, so that what deviates is drawn over them. */
const loudness: readonly Meaning[] = ['idle', 'ready', 'modified', 'connecting', 'reconnecting', 'blocked', 'failed'];

/** Spans with their meanings, in the order in which they are drawn. */
export function drawnSpans(spans: readonly RibbonSpan[]): (RibbonSpan & { readonly meaning: Meaning })[] {
  return spans
    .map((span) => ({ ...span, meaning: meaningOf(span.state) }))
    .sort((a, b) => loudness.indexOf(a.meaning) - loudness.indexOf(b.meaning));
}
