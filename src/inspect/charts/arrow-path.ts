import type { Point } from './placement.js';

/** The line through all points as SVG path data, with rounded corners. */
export function roundedPath(points: readonly Point[], radius = 6): string {
  const parts = points.map((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined) return `M${pair(point)}`;
    if (after === undefined) return `L${pair(point)}`;
    return `L${pair(towards(point, before, radius))}Q${pair(point)} ${pair(towards(point, after, radius))}`;
  });
  return parts.join('');
}

/** The triangle at the end of an arrow; empty where the arrow has no length. */
export function tipCorners(points: readonly Point[], length = 9, width = 8): Point[] {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return [];
  const distance = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [ux, uy] = [(end.x - before.x) / distance, (end.y - before.y) / distance];
  const back = { x: end.x - length * ux, y: end.y - length * uy };
  const [dx, dy] = [(width / 2) * ux, (width / 2) * uy];
  return [end, { x: back.x - dy, y: back.y + dx }, { x: back.x + dy, y: back.y - dx }];
}

/** Coordinates for path data, to a tenth of a pixel. */
export function pair({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}

function towards(from: Point, to: Point, most: number): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const share = distance === 0 ? 0 : Math.min(most / distance, 0.5);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
