import { metrics } from '../../../charts/placement.js';

/** Words are never smaller than this on the screen, in pixels. */
export const smallestWords = 11;

/** Which words of a full chart are drawn. */
export type WordLevel = 'all' | 'events' | 'names';

export interface Detail {
  /** How many times larger than in the drawing names are, and all other words. */
  readonly names: number;
  readonly words: number;
  readonly level: WordLevel;
}

/** Lines may grow by so much before they reach out of their boxes. */
const mostGrowth = 1.05;

/** Below this zoom a full chart has no labels. */
const leastForLabels = 0.62;

/** Steps in which words grow, so that a drawing is not made anew for each bit of a zoom. */
const step = 0.02;

/**
 * How the words of a drawing are shown at a zoom: they grow against it, and where they have no room to, first lines and
 * guards go, then labels.
 */
export function detailAt(zoom: number): Detail {
  const grown = (size: number) => Math.max(1, Math.ceil(smallestWords / (size * zoom) / step - 1e-9) * step);
  const words = grown(metrics.lineSize);
  const level = words <= mostGrowth ? 'all' : zoom >= leastForLabels ? 'events' : 'names';
  return { names: grown(metrics.nameSize), words, level };
}
