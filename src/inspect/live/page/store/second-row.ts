import type { SecondCounts } from '../../feed/feed-states.js';

/** One for each of `length` seconds up to `end`, the oldest first; undefined where nothing is known of it. */
export function secondRow(
  seconds: readonly SecondCounts[],
  end: number,
  length: number,
): readonly (SecondCounts | undefined)[] {
  const bySecond = new Map(seconds.map((counts) => [counts.second, counts]));
  return Array.from({ length }, (_none, index) => bySecond.get(end - length + 1 + index));
}
