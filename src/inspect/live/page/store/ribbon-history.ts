import type { Ribbon } from '../../feed/feed-states.js';

/** Puts a state to the end, where it is another one and not older than the last. */
export function extendedRibbon(ribbon: Ribbon, t: number, state: string): Ribbon {
  const last = ribbon.at(-1);
  if (last !== undefined && (last[1] === state || last[0] > t)) return ribbon;
  return [...ribbon, [t, state]];
}

/** Without what was over before `from`; the state in which it was then stays, as the first one. */
export function trimmedRibbon(ribbon: Ribbon, from: number): Ribbon {
  const first = ribbon.findLastIndex(([t]) => t <= from);
  return first <= 0 ? ribbon : ribbon.slice(first);
}

/** Without what came after `to`. */
export function ribbonUpTo(ribbon: Ribbon, to: number): Ribbon {
  const end = ribbon.findIndex(([t]) => t > to);
  return end < 0 ? ribbon : ribbon.slice(0, end);
}

/** A piece of a ribbon: one state, from when to when. */
export interface RibbonSpan {
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** What of a ribbon lies between two times, the last state going on until `to`. */
export function spansOf(ribbon: Ribbon, from: number, to: number): RibbonSpan[] {
  return ribbon.flatMap(([t, state], index) => {
    const start = Math.max(t, from);
    const end = Math.min(ribbon[index + 1]?.[0] ?? to, to);
    return end > start ? [{ from: start, to: end, state }] : [];
  });
}
