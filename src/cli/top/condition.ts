import type { ActorState, Ribbon } from '../../inspect/live/feed/feed-states.js';
import { ribbonMs } from './feed-picture.js';
import type { Glyph, Look, Span, Tone } from './look.js';

/** What a state comes to for somebody who looks: the first of those that hold counts more than the rest. */
export type Condition = 'failed' | 'reconnecting' | 'connecting' | 'ready' | 'idle' | 'unknown';

const conditions: ReadonlyMap<string, Condition> = new Map<string, Condition>([
  ['ready', 'ready'],
  ['serving', 'ready'],
  ['running', 'ready'],
  ['connecting', 'connecting'],
  ['queued', 'connecting'],
  ['starting', 'connecting'],
  ['loading', 'connecting'],
  ['reconnecting', 'reconnecting'],
  ['failed', 'failed'],
  ['idle', 'idle'],
  ['draining', 'idle'],
  ['closing', 'idle'],
  ['releasing', 'idle'],
  ['closed', 'idle'],
]);

const severity: readonly Condition[] = ['unknown', 'idle', 'ready', 'connecting', 'reconnecting', 'failed'];

const lines: Readonly<Record<Condition, Glyph | undefined>> = {
  ready: 'lineReady',
  connecting: 'lineConnecting',
  reconnecting: 'lineReconnecting',
  failed: 'lineFailed',
  idle: 'lineIdle',
  unknown: undefined,
};

/** Of a state that nobody here has heard of it says that it is unknown. */
export function conditionOf({ at }: Pick<ActorState, 'at'>): Condition {
  return conditions.get(at.split('.', 1)[0] ?? '') ?? 'unknown';
}

export function toneOf(condition: Condition): Tone | undefined {
  if (condition === 'idle') return 'quiet';
  return condition === 'unknown' ? undefined : condition;
}

/** The last five minutes in so many columns; each shows the worst of its time. */
export function ribbonSpans(ribbon: Ribbon, now: number, columns: number, look: Look): Span[] {
  const spans: { text: string; tone: Tone | undefined }[] = [];
  for (let column = 0; column < columns; column++) {
    const from = now - ribbonMs + (column * ribbonMs) / columns;
    const condition = worstBetween(ribbon, from, from + ribbonMs / columns);
    const glyph = lines[condition];
    const text = glyph === undefined ? ' ' : look.glyphs[glyph];
    const tone = toneOf(condition);
    const last = spans.at(-1);
    if (last !== undefined && last.tone === tone) last.text += text;
    else spans.push({ text, tone });
  }
  return spans;
}

function worstBetween(ribbon: Ribbon, from: number, to: number): Condition {
  let worst: Condition = 'unknown';
  ribbon.forEach(([since, at], index) => {
    const until = ribbon[index + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    if (since >= to || until <= from) return;
    const condition = conditionOf({ at });
    if (severity.indexOf(condition) > severity.indexOf(worst)) worst = condition;
  });
  return worst;
}
