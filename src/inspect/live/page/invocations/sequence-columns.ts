import type { SequenceMessage } from '../../feed/feed-invocations.js';
import type { SequenceActor } from './sequence-actors.js';

export interface SequenceColumns {
  readonly width: number;
  /** Where the line of each actor stands. */
  readonly lines: readonly number[];
  readonly headWidth: number;
}

const [leastDistance, mostDistance] = [104, 260];
const labelMargin = 20;

/** As far apart as the words between them ask for, within bounds; the rest of the width is shared out. */
export function sequenceColumns(
  actors: readonly SequenceActor[],
  messages: readonly SequenceMessage[],
  least: number,
  measure: (text: string) => number,
): SequenceColumns {
  const index = new Map(actors.map(({ name }, at) => [name, at]));
  const widest = Math.max(0, ...actors.map(({ name }) => measure(name)));
  const headWidth = Math.min(160, Math.max(88, Math.ceil(widest) + 20));
  const distances = actors.slice(1).map(() => Math.max(leastDistance, headWidth + 12));
  const noteRoom = actors.map(() => 0);
  for (const { from, to, text } of messages) {
    const [one, other] = [index.get(from) ?? 0, index.get(to) ?? 0];
    const [left, right] = [Math.min(one, other), Math.max(one, other)];
    const needed = measure(text) + labelMargin;
    if (left === right) noteRoom[left] = Math.max(noteRoom[left] ?? 0, needed / 2);
    for (let at = left; at < right; at += 1) {
      distances[at] = Math.min(mostDistance, Math.max(distances[at] ?? 0, needed / (right - left)));
    }
  }
  // A note stands across the line of its actor, and reaches half way to the next one at most.
  for (const [at, room] of noteRoom.entries()) {
    for (const side of [at - 1, at]) {
      const distance = distances[side];
      if (distance !== undefined && distance < room) distances[side] = Math.min(mostDistance, room);
    }
  }
  const total = distances.reduce((sum, distance) => sum + distance, 0);
  const spare = Math.max(0, least - headWidth - total);
  const more = distances.length === 0 ? 0 : Math.min(60, spare / distances.length);
  const lines = [headWidth / 2];
  for (const distance of distances) lines.push((lines.at(-1) ?? 0) + distance + more);
  return { width: Math.ceil((lines.at(-1) ?? 0) + headWidth / 2), lines: lines.slice(0, actors.length), headWidth };
}
