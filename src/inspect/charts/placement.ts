import { arrowsOf, type ChartArrow, leadsInwards } from './arrows.js';
import type { Chart, ChartState } from './chart.js';

/** The whole chart, or a map of it (names and arrows alone), which runs downwards or to the right. */
export type ChartForm = 'full' | 'tall' | 'wide';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  readonly state: ChartState;
  /** Where its words begin: its own corner, unless arrows run there. */
  readonly head: Point;
}

export interface PlacedArrow extends ChartArrow {
  readonly points: readonly Point[];
  readonly label: Box | undefined;
}

/** A chart in one form, in pixels. */
export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  /** The dots that mark where a composite state begins. */
  readonly dots: readonly Box[];
  /** Where the arrows start that lead from a composite state to one inside it. */
  readonly anyStates: readonly Box[];
  readonly arrows: readonly PlacedArrow[];
}

/** Sizes of what is drawn, in pixels. */
export const metrics = { nameSize: 14, lineSize: 11, header: 30, line: 16, padding: 12, dot: 10 };

export const anyStateText = 'in any state';

/**
 * A layout without what the chart says anyway, in the order in which the chart has it: numbers in rows, for as few bytes
 * as can be.
 */
export interface Placement {
  readonly size: readonly number[];
  /** x, y, width and height of each state; nothing for the machine itself where it is not drawn. */
  readonly states: readonly number[];
  /** x and y of each state's words, as far from its corner; empty where all begin at their corners. */
  readonly heads: readonly number[];
  /** x and y of each. */
  readonly dots: readonly number[];
  /** x, y, width and height of each. */
  readonly anyStates: readonly number[];
  /** x and y of each point, a row for each arrow. */
  readonly arrows: readonly (readonly number[])[];
  /** x, y, width and height, for each arrow that has transitions; empty on a map. */
  readonly labels: readonly number[];
}

/** What {@link layoutOf} reads again. */
export function placementOf(layout: ChartLayout): Placement {
  const { width, height, states, dots, anyStates, arrows } = layout;
  const offsets = states.flatMap(({ x, y, head }) => [head.x - x, head.y - y]);
  return {
    size: [width, height],
    states: states.flatMap(corners),
    heads: offsets.some((offset) => offset !== 0) ? offsets : [],
    dots: dots.flatMap(({ x, y }) => [x, y]),
    anyStates: anyStates.flatMap(corners),
    arrows: arrows.map(({ points }) => points.flatMap(({ x, y }) => [x, y])),
    labels: arrows.flatMap(({ label }) => (label === undefined ? [] : corners(label))),
  };
}

/** The layout of a chart, out of its placement. Throws a RangeError where the two do not belong together. */
export function layoutOf(chart: Chart, placement: Placement): ChartLayout {
  const [width, height] = pairs(placement.size)[0] ?? missing(chart);
  const boxes = boxesOf(placement.states);
  const drawn = boxes.length === chart.states.length ? chart.states : chart.states.slice(1);
  const heads = pairs(placement.heads);
  const labels = boxesOf(placement.labels);
  const arrows = arrowsOf(chart);
  const dots = pairs(placement.dots).map(([x, y]) => ({ x, y, width: metrics.dot, height: metrics.dot }));
  const anyStates = boxesOf(placement.anyStates);
  const initial = arrows.filter(({ transitions }) => transitions.length === 0).length;
  const fits =
    boxes.length === drawn.length &&
    placement.arrows.length === arrows.length &&
    dots.length === initial &&
    anyStates.length === chart.states.filter((state) => leadsInwards(chart, state)).length &&
    [0, arrows.length - initial].includes(labels.length) &&
    [0, drawn.length].includes(heads.length);
  if (!fits) missing(chart);
  return {
    width,
    height,
    states: drawn.map((state, index) => {
      const box = boxes[index] ?? missing(chart);
      const [dx, dy] = heads[index] ?? [0, 0];
      return { ...box, state, head: { x: box.x + dx, y: box.y + dy } };
    }),
    dots,
    anyStates,
    arrows: arrows.map((arrow, index) => ({
      ...arrow,
      points: pairs(placement.arrows[index] ?? []).map(([x, y]) => ({ x, y })),
      label: labels[index - initial],
    })),
  };
}

function missing({ id }: Chart): never {
  throw new RangeError(`chart of ${id}: the layout is of another version of the machine`);
}

function corners({ x, y, width, height }: Box): number[] {
  return [x, y, width, height];
}

function pairs(numbers: readonly number[]): (readonly [number, number])[] {
  const rows: (readonly [number, number])[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2) rows.push([numbers[at] ?? 0, numbers[at + 1] ?? 0]);
  return rows;
}

function boxesOf(numbers: readonly number[]): Box[] {
  const both = pairs(numbers);
  const boxes: Box[] = [];
  for (let at = 0; at + 1 < both.length; at += 2) {
    const [x, y] = both[at] ?? [0, 0];
    const [width, height] = both[at + 1] ?? [0, 0];
    boxes.push({ x, y, width, height });
  }
  return boxes;
}
