/**
 * Milliseconds that anything here may take or wait: what Node's timers hold, about 24.8 days. Beyond it they fire at once,
 * and the deadlines of other libraries overflow.
 */
export const longestDurationMs = 2 ** 31 - 1;

/** The same in whole seconds, as configurations write durations. */
export const longestDurationSeconds = Math.floor(longestDurationMs / 1_000);

/** Seconds as milliseconds, without the digits that binary fractions add. */
export const milliseconds = (seconds: number): number => Math.round(seconds * 1_000_000) / 1_000;

/** A duration that was computed, brought into what timers hold. What is no number lasts no time. */
export function boundedMs(ms: number): number {
  return ms > 0 ? Math.min(ms, longestDurationMs) : 0;
}

/** Milliseconds until a timer is due that may be late; undefined where none runs. */
export function msUntil(dueAt: number | undefined, now: number): number | undefined {
  return dueAt === undefined ? undefined : Math.max(0, dueAt - now);
}
