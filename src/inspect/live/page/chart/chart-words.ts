import { labelRows } from '../../../charts/arrows.js';
import { type Box, type ChartLayout, metrics, type PlacedState } from '../../../charts/placement.js';
import { textWidth } from '../../../charts/text-width.js';
import type { Detail } from './chart-detail.js';
import type { ChartMarks } from './chart-marks.js';
import type { Size } from './chart-view.js';
import { obstaclesOf, placeOfLabel, placeOfTag } from './label-places.js';

/** A label that is put on an arrow of a map, where there is room for it. */
export interface ShownLabel {
  /** Place of the arrow. */
  readonly arrow: number;
  readonly text: string;
  readonly box: Box;
}

/** What is written on a drawing besides what always stands there. */
export interface AddedWords {
  readonly labels: readonly ShownLabel[];
  /** Where the tag with the time stands; undefined without a timer, or without room. */
  readonly tag: Box | undefined;
}

/** Widths are those of wide letters; bold ones are a little wider. */
const bold = 1.06;

/** Labels and tag have this much around their words, in pixels of the screen. */
const around = { x: 7, y: 3 };

export interface WordWishes {
  /** Place of an arrow that somebody points at: it has its label too. */
  readonly lit: number | undefined;
  readonly hasTimer: boolean;
  /** Nothing but the arrow that is pointed at has a label. */
  readonly isQuiet: boolean;
}

export function addedWords(
  layout: ChartLayout,
  marks: ChartMarks,
  detail: Detail,
  { lit, hasTimer, isQuiet }: WordWishes,
): AddedWords {
  const obstacles = obstaclesOf(layout, nameSizes(layout, detail));
  const boxes = [...obstacles.boxes];
  const active = layout.states.find(({ state }) => state.path === marks.active[0]);
  const tag =
    hasTimer && active !== undefined
      ? placeOfTag(active, sizeOf('in 59.9 s', detail), { ...obstacles, boxes })
      : undefined;
  if (tag !== undefined) boxes.push(tag);
  const labels = (isQuiet ? [lit ?? -1] : arrowsByWeight(marks, lit)).flatMap((index) => {
    const [arrow, text] = [layout.arrows[index], textOf(layout, marks, index)];
    if (arrow === undefined || arrow.label !== undefined || text === '') return [];
    const box = placeOfLabel(arrow, sizeOf(text, detail), { ...obstacles, boxes });
    if (box === undefined) return [];
    boxes.push(box);
    return [{ arrow: index, text, box }];
  });
  return { labels, tag };
}

/** Whether a name has room in its state at this size. */
export function fitsState({ state, x, width, head }: PlacedState, { names }: Detail): boolean {
  const room = state.children.length === 0 ? width : x + width - head.x - metrics.padding;
  return textWidth(state.name, metrics.nameSize) * names <= room;
}

/** Whether a text has room in a label of the drawing. */
export function fitsLabel(text: string, { width }: Box, { words }: Detail): boolean {
  return textWidth(text, metrics.lineSize) * words <= width;
}

/** Those with the most to say first: where two want the same place, the first one has it. */
function arrowsByWeight({ arrows }: ChartMarks, lit: number | undefined): number[] {
  const weight = (index: number) => {
    const arrow = arrows[index];
    if (arrow === undefined) return 0;
    return (index === lit ? 8 : 0) + (arrow.timed ? 4 : 0) + { last: 2, next: 3, any: 1 }[arrow.mark ?? 'any'];
  };
  return arrows
    .flatMap(({ mark, timed }, index) => (mark !== undefined || timed || index === lit ? [index] : []))
    .toSorted((one, other) => weight(other) - weight(one));
}

function textOf({ arrows }: ChartLayout, marks: ChartMarks, index: number): string {
  const words = marks.arrows[index]?.words ?? [];
  const shown = words.length > 0 ? words : (arrows[index]?.transitions ?? []).map((one) => labelRows(one).head);
  const [first = '', ...more] = new Set(shown);
  return more.length === 0 ? first : `${first} +${more.length}`;
}

function sizeOf(text: string, { words }: Detail): Size {
  const size = metrics.lineSize * words;
  return { width: textWidth(text, size) * bold + 2 * around.x * words, height: size + 2 * around.y * words + 2 };
}

function nameSizes({ states }: ChartLayout, { names }: Detail): (path: string) => Size {
  return (path) => {
    const name = states.find(({ state }) => state.path === path)?.state.name ?? '';
    return { width: textWidth(name, metrics.nameSize) * bold * names + 12, height: 22 };
  };
}
