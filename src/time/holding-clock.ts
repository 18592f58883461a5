import type { Clock } from './clock.js';

/** A clock whose timers hold the process open while they run. For waits at whose end something is still to be done. */
export function holdingClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (callback, ms) => {
      const timer = clock.setTimeout(callback, ms);
      timer.ref?.();
      return timer;
    },
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
}
