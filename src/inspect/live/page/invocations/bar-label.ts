import type { Stretch } from './chain-axis.js';

export interface BarLabel extends Stretch {
  readonly text: string;
  /** On the bar itself: it takes the colour of the ground. */
  readonly inside: boolean;
}

const margin = 8;

/**
 * Finds the place of a label: behind its bar, before it, or on it, in this order, and the shorter text only where the
 * longer one fits nowhere. Undefined where none fits: the words are then in the list beneath.
 *
 * @param texts the longest first
 * @param room what it must not leave: nothing is written over the line of the decision, or over the edge
 */
export function placeLabel(
  texts: readonly string[],
  bar: Stretch,
  room: Stretch,
  measure: (text: string) => number,
): BarLabel | undefined {
  const end = room.x + room.width;
  for (const text of texts) {
    const width = Math.ceil(measure(text));
    const behind = bar.x + bar.width + margin;
    if (behind + width <= end) return { text, x: behind, width, inside: false };
    const before = bar.x - margin - width;
    if (before >= room.x) return { text, x: before, width, inside: false };
    if (width + 2 * margin <= bar.width) return { text, x: bar.x + margin, width, inside: true };
  }
  return undefined;
}
