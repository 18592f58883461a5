import { countdown } from '../parts/time-format.js';

/** What is left of a timer, as its tag says it: `in 6.2 s`, `in 41 s`, `in 2 m 11 s`, `now`. */
export function tagTime(left: number): string {
  return left <= 0 ? 'now' : `in ${countdown(left)}`;
}

/** A length of time as it is read out: `8.8 seconds`, `2 minutes`. */
export function spokenTime(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return counted(Math.round(seconds * 10) / 10, 'second');
  if (seconds < 59.5) return counted(Math.round(seconds), 'second');
  if (seconds < 3570) return counted(Math.round(seconds / 60), 'minute');
  if (seconds < 84_600) return counted(Math.round(seconds / 3600), 'hour');
  return counted(Math.round(seconds / 86_400), 'day');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
