import type { Box, Point } from '../../../charts/placement.js';

/** How a drawing lies in its frame: a point of it is at `point * zoom + (x, y)`. */
export interface View {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const zoomLimits = { least: 0.1, most: 2 } as const;

/** Larger than this no drawing is shown by itself. */
const mostFit = 1;
/** Kept free around a drawing, in pixels of the frame. */
const margin = 8;

/** The whole drawing, in the middle. */
export function fitted(drawing: Size, frame: Size): View {
  const width = Math.max(1, frame.width - 2 * margin);
  const height = Math.max(1, frame.height - 2 * margin);
  const zoom = limited(Math.min(width / drawing.width, height / drawing.height, mostFit));
  return centred({ x: 0, y: 0, ...drawing }, zoom, frame);
}

/** The whole drawing at a zoom, where there is room for it; else undefined. */
export function wholeAt(zoom: number, drawing: Size, frame: Size): View | undefined {
  if (drawing.width * zoom > frame.width || drawing.height * zoom > frame.height) return undefined;
  return centred({ x: 0, y: 0, ...drawing }, zoom, frame);
}

/** As much around a box as there is room for, at a zoom between the two; the drawing covers the frame where it can. */
export function around(box: Box, drawing: Size, frame: Size, least: number, most: number): View {
  const room = Math.min(frame.width / (box.width + 80), frame.height / (box.height + 80));
  const zoom = limited(Math.min(most, Math.max(least, room)));
  return covering(centred(box, zoom, frame), drawing, frame);
}

/** Nearer or farther, so that what is at `at` in the frame stays there. */
export function zoomedAt({ zoom, x, y }: View, factor: number, at: Point): View {
  const to = limited(zoom * factor);
  return { zoom: to, x: at.x - ((at.x - x) / zoom) * to, y: at.y - ((at.y - y) / zoom) * to };
}

/** Moved by so many pixels, but never so far that less than a corner of the drawing is left in the frame. */
export function moved(view: View, by: Point, drawing: Size, frame: Size): View {
  const within = (value: number, length: number, room: number) =>
    Math.min(room - 60, Math.max(60 - length * view.zoom, value));
  return {
    zoom: view.zoom,
    x: within(view.x + by.x, drawing.width, frame.width),
    y: within(view.y + by.y, drawing.height, frame.height),
  };
}

/** The part of the drawing that is in the frame. */
export function windowOf({ zoom, x, y }: View, frame: Size): Box {
  return { x: -x / zoom, y: -y / zoom, width: frame.width / zoom, height: frame.height / zoom };
}

/** The view in which a point of the drawing is in the middle. */
export function centredOn({ zoom }: View, point: Point, drawing: Size, frame: Size): View {
  return covering(centred({ ...point, width: 0, height: 0 }, zoom, frame), drawing, frame);
}

/** The smallest box around all of them; undefined for none. */
export function boxAround(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function centred(box: Box, zoom: number, frame: Size): View {
  return {
    zoom,
    x: frame.width / 2 - (box.x + box.width / 2) * zoom,
    y: frame.height / 2 - (box.y + box.height / 2) * zoom,
  };
}

/** Pushed so that nothing of the frame is empty that need not be; what is smaller than the frame stands in its middle. */
function covering({ zoom, x, y }: View, drawing: Size, frame: Size): View {
  const along = (value: number, length: number, room: number) =>
    length * zoom <= room ? (room - length * zoom) / 2 : Math.min(0, Math.max(room - length * zoom, value));
  return { zoom, x: along(x, drawing.width, frame.width), y: along(y, drawing.height, frame.height) };
}

function limited(zoom: number): number {
  return Math.min(zoomLimits.most, Math.max(zoomLimits.least, zoom));
}
