import type { PlacedArrow, PlacedState } from '../../../charts/placement.js';
import type { ChartMarks } from './chart-marks.js';
import { spokenTime } from './chart-times.js';

/** Times that go with a state, in milliseconds; undefined where they are not known or do not run. */
export interface SpokenTimes {
  readonly inIt: number | undefined;
  readonly left: number | undefined;
}

/** What is read out of a state: `backingOff, active, 8.8 seconds, next in 6 seconds`. */
export function spokenState(
  { state }: PlacedState,
  { active, within }: ChartMarks,
  { inIt, left }: SpokenTimes,
): string {
  if (within.includes(state.path)) return `${state.name}, active`;
  if (!active.includes(state.path)) return state.name;
  const times = [
    inIt === undefined ? '' : `, ${spokenTime(inIt)}`,
    left === undefined ? '' : `, next in ${spokenTime(Math.round(Math.max(0, left) / 1000) * 1000)}`,
  ];
  return `${state.name}, active${times.join('')}`;
}

/** What is read out of an arrow: `after backoff, to connecting`. */
export function spokenArrow({ source, target, transitions }: PlacedArrow, words: readonly string[]): string {
  const events = words.length > 0 ? words : [...new Set(transitions.map(({ label }) => label))];
  const from = source === '' ? 'in any state' : `in ${source.replaceAll('.', ' ')}`;
  return `${events.join(' or ')}, ${from}, to ${target.replaceAll('.', ' ')}`;
}
