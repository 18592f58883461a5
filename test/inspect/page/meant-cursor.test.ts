import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastMs, MeantCursor } from '../../../src/inspect/live/page/recording/meant-cursor.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';

const last = 1_000;

/** Every number has an event, and reading takes a turn. */
const steps = {
  read: () => Promise.resolve(),
  moved: (seq: number, by: number) => Math.max(0, Math.min(last, seq + by)),
};

function cursorAt(seq: number) {
  const clock = new ManualClock();
  const written: { readonly seq: number; readonly t: number }[] = [];
  const moved: number[] = [];
  const after = (ms: number, callback: () => void) => {
    const timer = clock.setTimeout(callback, ms);
    return () => clock.clearTimeout(timer);
  };
  const cursor: MeantCursor = new MeantCursor(
    seq,
    { now: clock.now, after },
    {
      moved: () => void moved.push(cursor.seq),
      write: (seq) => written.push({ seq, t: clock.now() }),
    },
  );
  return { cursor, clock, written, moved };
}

type Move = { readonly by: number } | { readonly to: number } | { readonly wait: number };

const moves = fc.array(
  fc.oneof(
    fc.record({ by: fc.integer({ min: -10, max: 10 }) }),
    fc.record({ to: fc.integer({ min: 0, max: last }) }),
    fc.record({ wait: fc.integer({ min: 1, max: 2 * leastMs }) }),
  ),
  { maxLength: 30 },
) as fc.Arbitrary<Move[]>;

describe('the cursor of a recording', () => {
  it('comes to where all keys together lead, however quickly they are pressed, and the address too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: last }), moves, async (from, all) => {
        const { cursor, clock, written } = cursorAt(from);
        let expected = from;
        let stepping: Promise<unknown> = Promise.resolve();
        for (const move of all) {
          if ('by' in move) {
            stepping = cursor.by(move.by, steps);
            expected = steps.moved(expected, move.by);
          } else if ('to' in move) {
            // A place that is named ends the steps before it.
            cursor.to((expected = move.to));
          } else {
            await stepping;
            clock.advance(move.wait);
          }
        }
        await stepping;
        expect(cursor.seq).toBe(expected);
        clock.advance(leastMs);
        expect(written.at(-1)?.seq ?? from).toBe(expected);
        for (const [index, { t }] of written.entries())
          expect(t - (written[index - 1]?.t ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(leastMs);
      }),
    );
  });

  it('goes where an address leads that it has not written itself, and stays where it is for its own', () => {
    const { cursor, clock, written, moved } = cursorAt(0);
    cursor.to(5);
    cursor.to(9);
    cursor.follow(5);
    expect(cursor.seq).toBe(9);
    cursor.follow(700);
    expect(cursor.seq).toBe(700);
    clock.advance(10 * leastMs);
    expect(written.map(({ seq }) => seq)).toEqual([5]);
    // What is drawn follows each of them.
    expect(moved).toEqual([5, 9, 700]);
  });

  it('steps on after an answer that did not come', async () => {
    const { cursor } = cursorAt(0);
    const lost = cursor.by(1, { ...steps, read: () => Promise.reject(new Error('gone')) });
    await expect(lost).rejects.toThrow('gone');
    await cursor.by(1, steps);
    expect(cursor.seq).toBe(1);
  });

  it('writes nothing after it is closed, not even where steps lead that were still read', async () => {
    const { cursor, clock, written } = cursorAt(0);
    const stepping = cursor.by(3, steps);
    cursor.close();
    await stepping;
    clock.advance(10 * leastMs);
    expect(written).toEqual([]);
  });
});
