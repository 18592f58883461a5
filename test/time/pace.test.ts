import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/time/pace.js';

describe('a pace', () => {
  it('lets all begin in the order in which they ask, and no more in one turn of the event loop than it says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 }),
        async (most, asking) => {
          const pace = new Pace(most);
          const begun: { asked: number; turn: number }[] = [];
          let [asked, turn] = [0, 0];
          // Before the pace asks for its first turn, so that a turn is counted before anything begins in it.
          const count = (): void => {
            turn++;
            if (turn < 1_000) immediate = setImmediate(count);
          };
          let immediate = setImmediate(count);
          for (const many of asking) {
            for (let one = 0; one < many; one++) {
              const mine = asked++;
              void pace.next().then(() => begun.push({ asked: mine, turn }));
            }
            await nextTurn();
          }
          for (let left = 200; left > 0 && begun.length < asked; left--) await nextTurn();
          clearImmediate(immediate);
          expect(begun.map((one) => one.asked)).toEqual(Array.from({ length: asked }, (_, index) => index));
          for (let at = 0; at <= turn; at++)
            expect(begun.filter((one) => one.turn === at).length).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('makes nobody wait while there is room', async () => {
    const pace = new Pace(2);
    let begun = 0;
    for (let one = 0; one < 3; one++) void pace.next().then(() => begun++);
    await Promise.resolve();
    expect(begun).toBe(2);
    await nextTurn();
    await nextTurn();
    expect(begun).toBe(3);
  });
});
