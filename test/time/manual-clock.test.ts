import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/index.js';

const ms = fc.oneof(fc.integer({ min: -5, max: 20 }), fc.constant(Number.NaN));
const timer = fc.record({ ms, advances: fc.option(ms, { nil: undefined }) });

it('time never goes back, whatever timers are armed and do, and however many let it pass at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(timer, { maxLength: 6 }), fc.array(ms, { maxLength: 4 }), async (timers, passes) => {
      const clock = new ManualClock();
      const seen: number[] = [0];
      for (const { ms: due, advances } of timers)
        clock.setTimeout(() => {
          seen.push(clock.now());
          if (advances !== undefined) clock.advance(advances);
          seen.push(clock.now());
        }, due);
      await Promise.all(passes.map((pass) => clock.run(pass).then(() => seen.push(clock.now()))));
      clock.advance(100);
      seen.push(clock.now());
      expect(seen).toEqual(seen.toSorted((one, other) => one - other));
      expect(seen.every(Number.isFinite)).toBe(true);
      expect(clock.size).toBe(0);
    }),
  );
});

it('two who let time pass at once have both passed it', async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  for (const due of [5, 8, 10]) clock.setTimeout(() => fired.push(clock.now()), due);
  await Promise.all([clock.run(5), clock.run(10)]);
  expect(fired).toEqual([5, 8, 10]);
  expect(clock.now()).toBe(10);
});
