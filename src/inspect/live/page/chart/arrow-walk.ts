import type { ChartMarks } from './chart-marks.js';

/** The arrows that the keys walk: those that may be taken next, else all that have a transition of the list. */
export function walkOf({ arrows }: ChartMarks): number[] {
  const marked = arrows.flatMap(({ mark }, index) => (mark === 'next' || mark === 'any' ? [index] : []));
  return marked.length > 0 ? marked : arrows.flatMap(({ next }, index) => (next.length > 0 ? [index] : []));
}

/** The arrow that a key leads to from another one; undefined for a key that leads nowhere. */
export function stepTo(walk: readonly number[], from: number, key: string): number | undefined {
  const place = walk.indexOf(from);
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  if (key === 'Home') return walk[0];
  if (key === 'End') return walk.at(-1);
  if (by === undefined || walk.length === 0) return undefined;
  return walk[(place + by + walk.length) % walk.length];
}

/** The arrow that a place in the list of what can happen leads over. */
export function arrowOfEvent({ arrows }: ChartMarks, event: number | undefined): number | undefined {
  const index = event === undefined ? -1 : arrows.findIndex(({ next }) => next.includes(event));
  return index === -1 ? undefined : index;
}
