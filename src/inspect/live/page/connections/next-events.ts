import type { PossibleEvent } from '../../feed/feed-next.js';

/** An event that may come, with its place in the answer of the host. */
export interface NextRow {
  readonly index: number;
  readonly event: PossibleEvent;
  /** Whether it would be taken, or might be. */
  readonly isOpen: boolean;
  /** What the guard says now, in words. */
  readonly guard: string;
}

export interface NextGroup {
  /** Empty: whatever state it is in. */
  readonly src: string;
  readonly rows: readonly NextRow[];
}

/** Events by the state that takes them, the innermost first: what is taken in any state comes last. */
export function nextGroups(events: readonly PossibleEvent[]): readonly NextGroup[] {
  const groups = new Map<string, NextRow[]>();
  for (const [index, event] of events.entries()) {
    const isOpen = event.holds !== false && event.shadowed !== true;
    const row = { index, event, isOpen, guard: guardInWords(event) };
    groups.set(event.src, [...(groups.get(event.src) ?? []), row]);
  }
  return [...groups].map(([src, rows]) => ({ src, rows })).sort((a, b) => depth(b.src) - depth(a.src));
}

function guardInWords({ guard, holds, because, shadowed, due }: PossibleEvent): string {
  if (shadowed === true) return 'the one above is taken';
  if (guard === undefined) return due === undefined ? 'none' : '';
  const truth = holds === undefined ? 'depends on the event' : String(holds);
  return because === undefined ? truth : `${truth}, ${because}`;
}

function depth(src: string): number {
  return src === '' ? 0 : src.split('.').length;
}

/** Where the timer that runs leads to; undefined: it is not known. */
export function targetOfTimer(events: readonly PossibleEvent[], timer: string): string | undefined {
  const timed = events.find(
    ({ e, due, holds, shadowed }) => (due !== undefined || e === timer) && holds !== false && shadowed !== true,
  );
  return timed?.to;
}
