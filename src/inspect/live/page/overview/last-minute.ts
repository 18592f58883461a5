import type { SecondCounts } from '../../feed/feed-states.js';
import { secondRow } from '../store/second-row.js';

/** Seconds that are summed up. */
const minuteSeconds = 60;

/** What the last minute brought, exactly. */
export interface MinuteCounts {
  readonly passed: number;
  readonly modified: number;
  readonly blocked: number;
  readonly failed: number;
  /** By plugin, those that blocked most first. */
  readonly blocksBy: readonly (readonly [plugin: string, blocks: number])[];
  /** One for each second, the oldest first; undefined where nothing is known of it. */
  readonly seconds: readonly (SecondCounts | undefined)[];
}

/** @param seconds the oldest first */
export function lastMinute(seconds: readonly SecondCounts[]): MinuteCounts {
  const row = secondRow(seconds, seconds.at(-1)?.second ?? 0, minuteSeconds);
  const known = row.filter((counts) => counts !== undefined);
  const blocks = new Map<string, number>();
  for (const { blocksBy = {} } of known) {
    for (const [plugin, times] of Object.entries(blocksBy)) blocks.set(plugin, (blocks.get(plugin) ?? 0) + times);
  }
  const sum = (of: (counts: SecondCounts) => number) => known.reduce((total, counts) => total + of(counts), 0);
  return {
    passed: sum(({ passed }) => passed),
    modified: sum(({ modified }) => modified),
    blocked: sum(({ blocked }) => blocked),
    failed: sum(({ failed }) => failed),
    blocksBy: [...blocks].sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1)),
    seconds: row,
  };
}
