import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ring } from '../../../src/inspect/live/watch/model/ring.js';

it('holds the newest, so many and so many bytes at most, whatever comes and grows', () => {
  const push = fc.record({ bytes: fc.integer({ min: 1, max: 60 }), grows: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(fc.array(push, { maxLength: 3_000 }), (pushes) => {
      const dropped: number[] = [];
      const ring = new Ring<{ readonly number: number; bytes: number }>(
        { items: 20, bytes: 300 },
        ({ bytes }) => bytes,
        ({ number }) => dropped.push(number),
      );
      pushes.forEach(({ bytes, grows }, number) => {
        const item = { number, bytes };
        ring.push(item);
        item.bytes += grows;
        ring.grew(grows);
        const held = [...ring.newest()];
        expect(ring.size).toBeLessThanOrEqual(20);
        expect(ring.bytes).toBe(held.reduce((sum, one) => sum + one.bytes, 0));
        if (ring.size > 1) expect(ring.bytes).toBeLessThanOrEqual(300);
        expect(held.map((one) => one.number)).toEqual(held.map((_one, index) => number - index));
        expect(dropped).toHaveLength(number + 1 - held.length);
      });
    }),
    { numRuns: 20 },
  );
});
