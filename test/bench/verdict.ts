import type { Measurement } from './measurement.js';

/** What is said of a ratio: whether it is within its limit, and whether its rounds lie so far apart that nobody can tell. */
export function verdict({ ratio, spread }: Measurement, limit: number | undefined): string {
  if (limit === undefined) return '';
  const said = ratio <= limit ? 'met' : 'MISSED';
  const hidden = spread !== undefined && spread[0] <= limit && limit < spread[1];
  return `at most ${limit}: ${said}${hidden ? ', though the spread of the rounds hides it' : ''}`;
}
