import type { ActorState } from '../../feed/feed-states.js';
import { type Meaning, meaningOf } from '../parts/meaning.js';
import { grouped } from '../store/grouped.js';

/** The connections in one state of a wall, and where their fields are, in pixels. */
export interface WallGroup {
  readonly meaning: Meaning;
  readonly head: string;
  readonly actors: readonly ActorState[];
  /** Of its heading. */
  readonly left: number;
  readonly top: number;
  readonly perRow: number;
}

export interface WallLayout {
  readonly groups: readonly WallGroup[];
  readonly height: number;
}

export const wallField = 11;
const heading = 20;
const gap = { between: 28, below: 12 };
/** The heading of a small group is wider than its fields. */
const leastWidth = 110;

const order: readonly Meaning[] = ['failed', 'reconnecting', 'connecting', 'ready', 'idle', 'blocked', 'modified'];

/** Puts a field for each connection under the heading of its state, the worst first; small groups stand side by side. */
export function wallLayout(actors: readonly ActorState[], width: number): WallLayout {
  const heads = grouped(actors, ({ at }) => at.split('.')[0] ?? at);
  const sorted = [...heads].sort(
    ([a], [b]) => order.indexOf(meaningOf(a)) - order.indexOf(meaningOf(b)) || (a < b ? -1 : 1),
  );
  const most = Math.max(1, Math.floor(width / wallField));
  const groups: WallGroup[] = [];
  let [left, top, tallest] = [0, 0, 0];
  for (const [head, members] of sorted) {
    const perRow = Math.min(most, members.length);
    const wide = Math.max(leastWidth, perRow * wallField);
    if (left > 0 && left + wide > width) [left, top, tallest] = [0, top + tallest + gap.below, 0];
    groups.push({ meaning: meaningOf(head), head, actors: members, left, top, perRow });
    tallest = Math.max(tallest, heading + Math.ceil(members.length / perRow) * wallField);
    left += wide + gap.between;
  }
  return { groups, height: top + tallest };
}

/** Where a field is, in pixels. */
export function fieldPlace({ left, top, perRow }: WallGroup, index: number): readonly [x: number, y: number] {
  return [left + (index % perRow) * wallField, top + heading + Math.floor(index / perRow) * wallField];
}

/** The connection at a point. */
export function actorAt({ groups }: WallLayout, x: number, y: number): ActorState | undefined {
  for (const { left, top, perRow, actors } of groups) {
    const column = Math.floor((x - left) / wallField);
    const row = Math.floor((y - top - heading) / wallField);
    if (column < 0 || column >= perRow || row < 0) continue;
    const actor = actors[row * perRow + column];
    if (actor !== undefined) return actor;
  }
  return undefined;
}
