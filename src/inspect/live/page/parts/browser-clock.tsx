import type { PageClock } from '../feed/page-clock.js';

export const browserClock: PageClock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
