const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

/** How long something has lasted, as short as it can be told: `8.8s`, `51s`, `1m12s`, `22m`, `3h08m`, `2d04h`. */
export function shortDuration(ms: number): string {
  const of = Math.max(0, ms);
  if (of < 10 * second) return `${tenths(of)}s`;
  if (of < minute) return `${Math.floor(of / second)}s`;
  if (of < 10 * minute) return `${Math.floor(of / minute)}m${two((of % minute) / second)}s`;
  if (of < hour) return `${Math.floor(of / minute)}m`;
  if (of < day) return `${Math.floor(of / hour)}h${two((of % hour) / minute)}m`;
  return `${Math.floor(of / day)}d${two((of % day) / hour)}h`;
}

/** How long it is until something, in words: `6.2 s`, `41 s`, `2 m 11 s`, `now`. */
export function countdown(ms: number): string {
  if (ms <= 0) return 'now';
  if (ms < 10 * second) return `${tenths(ms)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m ${two((ms % minute) / second)} s`;
  return `${Math.floor(ms / hour)} h ${two((ms % hour) / minute)} m`;
}

/** Milliseconds with as many digits as mean something; `-` where they are not known. */
export function millis(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return `${ms < 10 ? String(Math.round(ms * 10) / 10) : String(Math.round(ms))} ms`;
}

/** A time of day, `14:32:07`, at an offset from UTC in minutes. */
export function timeOfDay(sinceEpoch: number, utcOffset: number): string {
  const at = new Date(sinceEpoch + utcOffset * minute);
  return Number.isNaN(at.getTime()) ? 'unknown' : at.toISOString().slice(11, 19);
}

/** A time of day to the millisecond. */
export function exactTimeOfDay(sinceEpoch: number, utcOffset: number): string {
  const at = new Date(sinceEpoch + utcOffset * minute);
  return Number.isNaN(at.getTime()) ? 'unknown' : at.toISOString().slice(11, 23);
}

function tenths(ms: number): string {
  return (Math.floor(ms / 100) / 10).toFixed(1);
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
