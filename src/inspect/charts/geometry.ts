import type { Box, Point } from './placement.js';

/** One straight piece of an arrow. */
export type Segment = readonly [from: Point, to: Point];

export function segmentsOf(points: readonly Point[]): Segment[] {
  return points.slice(1).flatMap((to, index) => {
    const from = points[index];
    return from === undefined ? [] : [[from, to] as const];
  });
}

/** Whether some of the segment is inside the box; to run along its side is not. */
export function segmentCrosses([from, to]: Segment, box: Box): boolean {
  // The part of the segment, as shares of it, that is between the box's sides; first across, then down.
  let [start, end] = [0, 1];
  for (const [at, by, least, most] of [
    [from.x, to.x - from.x, box.x, box.x + box.width],
    [from.y, to.y - from.y, box.y, box.y + box.height],
  ] as const) {
    if (by === 0) {
      if (at <= least || at >= most) return false;
    } else {
      const [one, other] = [(least - at) / by, (most - at) / by];
      start = Math.max(start, Math.min(one, other));
      end = Math.min(end, Math.max(one, other));
    }
  }
  return start < end;
}

export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}
