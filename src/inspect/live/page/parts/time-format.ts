/** `14:32:07`, or with milliseconds `14:32:07.412`, of milliseconds since 1970, where the reader is. */
export function timeOfDay(at: number, precision: 'seconds' | 'milliseconds' | 'minutes' = 'seconds'): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (precision === 'minutes') return minutes;
  const seconds = `${minutes}:${two(date.getSeconds())}`;
  return precision === 'seconds' ? seconds : `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** A time that something took or takes: `0.4 ms`, `840 ms`, `6.2 s`, `41 s`, `2 m 11 s`, `3 h 8 m`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 0) return duration(0);
  if (ms < 100) return `${ms < 9.95 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return longDuration(ms);
}

/** The same for what counts down or up: it begins at tenths of a second. */
export function countdown(ms: number): string {
  return ms < 1000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : longDuration(ms);
}

function longDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const pair = (big: number, unit: string, small: number, part: string) =>
    small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${part}`;
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  const hours = Math.floor(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** What fits into a ring: `6.2`, `41`, `2m`, `3h`. */
export function shortCountdown(ms: number): string {
  const left = Math.max(0, ms);
  if (left < 9_950) return (left / 1000).toFixed(1);
  if (left < 99_500) return String(Math.round(left / 1000));
  return left < 5_400_000 ? `${Math.round(left / 60_000)}m` : `${Math.round(left / 3_600_000)}h`;
}

/** `23,402`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1 call`, `4 calls`; `no calls`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${value === 0 ? 'no' : count(value)} ${value === 1 ? one : many}`;
}
