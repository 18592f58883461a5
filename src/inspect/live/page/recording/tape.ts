import type { InvocationOutcome } from '../../feed/feed-invocations.js';
import type { RecordingFacts } from '../../feed/feed-recording.js';
import type { Ribbon } from '../../feed/feed-states.js';

/** From when to when a recording goes, in milliseconds since the epoch. */
export interface TapeRange {
  readonly from: number;
  readonly to: number;
}

/** One line of the tape: the states of an actor over the whole recording. */
export interface TapeRow {
  readonly actor: string;
  readonly ribbon: Ribbon;
}

/** The marks on the line of decisions. Pixels from its left edge; a mark stands for all decisions of its pixel. */
export interface DecisionMarks {
  /** Pixels with an invocation that passed, was modified or still runs, in order. */
  readonly ordinary: readonly number[];
  /** Blocked, failed, timed out and aborted ones: the first of each outcome at its pixel, and the event that decided it. */
  readonly odd: readonly { readonly x: number; readonly seq: number; readonly outcome: InvocationOutcome }[];
}

/** The tape knows when its actors began; the facts know how long it is. */
export function tapeRange({ ms, tape }: RecordingFacts): TapeRange {
  const starts = Object.values(tape.ribbons).flatMap(([first]) => (first === undefined ? [] : [first[0]]));
  const from = [...starts, ...tape.decisions.slice(0, 1).map(([t]) => t)].reduce(
    (least, t) => Math.min(least, t),
    Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(from) ? { from, to: from + ms } : { from: 0, to: ms };
}

/**
 * The actors that have a row, by name. Where there are more than `most`, those stay that changed most: what stood still has
 * nothing to show.
 */
export function tapeRows(
  { tape }: RecordingFacts,
  most: number,
): { readonly rows: readonly TapeRow[]; readonly left: number } {
  const all = Object.entries(tape.ribbons).map(([actor, ribbon]) => ({ actor, ribbon }));
  const rows = all
    .toSorted((one, other) => other.ribbon.length - one.ribbon.length || compare(one.actor, other.actor))
    .slice(0, most)
    .toSorted((one, other) => compare(one.actor, other.actor));
  return { rows, left: all.length - rows.length };
}

/** However many there are, what is drawn is bounded by the pixels. */
export function decisionMarks({ tape }: RecordingFacts, range: TapeRange, width: number): DecisionMarks {
  const ordinary = new Set<number>();
  const odd = new Map<string, DecisionMarks['odd'][number]>();
  for (const [t, seq, outcome] of tape.decisions) {
    const x = Math.round(xOf(t, range, width));
    if (outcome === 'passed' || outcome === 'running' || outcome === 'modified') ordinary.add(x);
    else if (!odd.has(`${outcome}:${x}`)) odd.set(`${outcome}:${x}`, { x, seq, outcome });
  }
  return { ordinary: [...ordinary].sort((one, other) => one - other), odd: [...odd.values()] };
}

/** Pixels from the left edge, inside it. */
export function xOf(t: number, { from, to }: TapeRange, width: number): number {
  return to <= from ? 0 : Math.min(1, Math.max(0, (t - from) / (to - from))) * width;
}

/** The time that stands at a place of the tape. */
export function timeAt(x: number, { from, to }: TapeRange, width: number): number {
  return width <= 0 ? from : from + Math.min(1, Math.max(0, x / width)) * (to - from);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
