import { boundedMs } from './duration.js';

/** A pending timer. System timers do not hold the process open until `ref` is called. */
export interface TimerHandle {
  ref?(): unknown;
  unref?(): unknown;
}

/** Time, injected everywhere so that a failure sequence replays on a manual clock. Satisfies XState's `Clock`. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(timer: TimerHandle | undefined): void;
}

// Looked up once: the global is an accessor of Node's, and asking for it costs a third of what reading the clock does.
const { performance } = globalThis;

/** The real clock. Its timers are unref'd: who needs the process to stay alive says so with `ref`. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, boundedMs(ms)).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
};

/** Randomness, injected like the clock: a number in [0, 1). */
export type Random = () => number;
