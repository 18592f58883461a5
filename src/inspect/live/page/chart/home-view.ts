import type { ChartLayout } from '../../../charts/placement.js';
import type { ChartMarks } from './chart-marks.js';
import { around, boxAround, fitted, type Size, type View, wholeAt } from './chart-view.js';

/** Below this zoom the names of a map, as large as they must be, reach out of their states. */
const leastMapZoom = 0.62;
/** All words of a full chart are drawn from here on. */
const leastFullZoom = 0.96;

export interface HomeView {
  readonly view: () => View;
  /** Whether there is more than the frame shows, so that it can be moved. */
  readonly isMovable: boolean;
}

/**
 * What a drawing shows by itself. A map is shown whole, unless it would be too small to be read; a full chart shows the
 * state around the one where the actor is, as large as it can be read.
 */
export function homeOf(layout: ChartLayout, marks: ChartMarks, frame: Size, isFull: boolean): HomeView {
  const whole = fitted(layout, frame);
  const [least, most] = isFull ? [leastFullZoom, 1] : [leastMapZoom, leastMapZoom];
  const shown = whole.zoom >= least ? whole : wholeAt(least, layout, frame);
  if (shown !== undefined) return { view: () => shown, isMovable: false };
  const [outermost] = marks.within;
  const leaf = boxAround(layout.states.filter(({ state }) => marks.active.includes(state.path)));
  const compound = layout.states.find(({ state }) => state.path === outermost);
  if (leaf === undefined)
    return { view: () => (isFull ? whole : around(topOf(layout), layout, frame, least, most)), isMovable: true };
  const fits =
    compound !== undefined && compound.width * least <= frame.width && compound.height * least <= frame.height;
  return { view: () => around(fits ? compound : leaf, layout, frame, least, most), isMovable: true };
}

/** Where a machine begins. */
function topOf({ states }: ChartLayout): { x: number; y: number; width: number; height: number } {
  return boxAround(states.slice(0, 1)) ?? { x: 0, y: 0, width: 0, height: 0 };
}
