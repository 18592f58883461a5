import { contains, overlaps, type Segment, segmentCrosses, segmentsOf } from '../../../charts/geometry.js';
import type { Box, ChartLayout, PlacedArrow, Point } from '../../../charts/placement.js';
import type { Size } from './chart-view.js';

/** What may not be covered by what is added to a drawing, and what should not. */
export interface Obstacles {
  /** States that nothing lies in, names of others, boxes "in any state", and what was added before. */
  readonly boxes: readonly Box[];
  readonly arrows: readonly PlacedArrow[];
  readonly page: Box;
}

/** @param namesOf width of the name of a composite state, and height of its line */
export function obstaclesOf(layout: ChartLayout, namesOf: (path: string) => Size): Obstacles {
  const { states, dots, anyStates, arrows, width, height } = layout;
  const boxes = states.map(({ state, head, ...box }) =>
    state.children.length === 0 ? boxOf(box) : { x: head.x + 6, y: head.y + 4, ...namesOf(state.path) },
  );
  const labels = arrows.flatMap(({ label }) => label ?? []);
  return { boxes: [...boxes, ...dots, ...anyStates, ...labels], arrows, page: { x: 0, y: 0, width, height } };
}

/** So much of a segment is to be seen on both sides of a label. */
const seen = 8;

/**
 * Where a label stands on its arrow: where it covers no box, and as few other arrows as can be. Undefined where there is no
 * such place, or where it is longer than the arrow.
 */
export function placeOfLabel(arrow: PlacedArrow, size: Size, { boxes, arrows, page }: Obstacles): Box | undefined {
  const segments = segmentsOf(arrow.points).filter(
    (segment) => lengthOf(segment) >= alongside(segment, size) + 2 * seen,
  );
  if (size.width > segmentsOf(arrow.points).reduce((sum, segment) => sum + lengthOf(segment), 0)) return undefined;
  const others = arrows.flatMap((other) => (other === arrow ? [] : segmentsOf(other.points)));
  const tip = arrow.points.at(-1);
  return best(
    segments
      .toSorted((one, other) => lengthOf(other) - lengthOf(one))
      .flatMap((segment) => [0.5, 0.35, 0.65, 0.2, 0.8].map((share) => centredAt(pointAt(segment, share), size)))
      .filter((box) => contains(page, box) && !boxes.some((other) => overlaps(other, box)))
      .filter((box) => tip === undefined || !overlaps(box, { x: tip.x - 5, y: tip.y - 5, width: 10, height: 10 })),
    others,
  );
}

/**
 * Where a tag stands at its state: the first of below, left, right and above that covers nothing, then the first that covers
 * arrows alone. Undefined where each covers a word.
 */
export function placeOfTag(state: Box, size: Size, { boxes, arrows, page }: Obstacles): Box | undefined {
  const gap = 8;
  const middle = { x: state.x + (state.width - size.width) / 2, y: state.y + (state.height - size.height) / 2 };
  const places = [
    { x: middle.x, y: state.y + state.height + gap },
    { x: state.x - size.width - gap, y: middle.y },
    { x: state.x + state.width + gap, y: middle.y },
    { x: middle.x, y: state.y - size.height - gap },
  ].map((corner) => ({ ...corner, ...size }));
  return best(
    places.filter((box) => contains(page, box) && !boxes.some((other) => overlaps(other, box))),
    arrows.flatMap(({ points }) => segmentsOf(points)),
  );
}

/** The first of those that cross the fewest arrows. */
function best(places: readonly Box[], segments: readonly Segment[]): Box | undefined {
  const crossed = places.map((box) => segments.filter((segment) => segmentCrosses(segment, box)).length);
  return places[crossed.indexOf(Math.min(...crossed))];
}

function centredAt({ x, y }: Point, { width, height }: Size): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** How much of a segment a label hides that stands on it. */
function alongside([from, to]: Segment, { width, height }: Size): number {
  return Math.abs(to.x - from.x) > Math.abs(to.y - from.y) ? width : height;
}

function pointAt([from, to]: Segment, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function lengthOf([from, to]: Segment): number {
  return Math.hypot(to.x - from.x, to.y - from.y);
}

function boxOf({ x, y, width, height }: Box): Box {
  return { x, y, width, height };
}
