import type { ActorState } from '../../feed/messages.js';
import { type Meaning, meaningOf } from '../parts/meaning.js';
import { grouped } from '../store/grouped.js';

/** The connections in one state of a wall, and where their fields are. */
export interface WallGroup {
  readonly meaning: Meaning;
  readonly head: string;
  readonly actors: readonly ActorState[];
  /** Of its heading, in pixels. */
  readonly top: number;
}

export interface WallLayout {
  readonly groups: readonly WallGroup[];
  readonly perRow: number;
  readonly height: number;
}

export const wallField = 11;
const heading = 20;
const gap = 12;

const order: readonly Meaning[] = ['failed', 'reconnecting', 'connecting', 'ready', 'idle', 'blocked', 'modified'];

/** Puts a field for each connection under the heading of its state, the worst first. */
export function wallLayout(actors: readonly ActorState[], width: number): WallLayout {
  const perRow = Math.max(1, Math.floor(width / wallField));
  const heads = grouped(actors, ({ at }) => at.split('.')[0] ?? at);
  const sorted = [...heads].sort(
    ([a], [b]) => order.indexOf(meaningOf(a)) - order.indexOf(meaningOf(b)) || (a < b ? -1 : 1),
  );
  let top = 0;
  const groups = sorted.map(([head, members]) => {
    const group = { meaning: meaningOf(head), head, actors: members, top };
    top += heading + Math.ceil(members.length / perRow) * wallField + gap;
    return group;
  });
  return { groups, perRow, height: Math.max(0, top - gap) };
}

/** Where a field is, in pixels. */
export function fieldPlace({ perRow }: WallLayout, { top }: WallGroup, index: number): readonly [x: number, y: number] {
  return [(index % perRow) * wallField, top + heading + Math.floor(index / perRow) * wallField];
}

/** The connection at a point. */
export function actorAt(layout: WallLayout, x: number, y: number): ActorState | undefined {
  const group = layout.groups.findLast(({ top }) => top + heading <= y);
  if (group === undefined || x < 0 || x >= layout.perRow * wallField) return undefined;
  const row = Math.floor((y - group.top - heading) / wallField);
  return group.actors[row * layout.perRow + Math.floor(x / wallField)];
}
