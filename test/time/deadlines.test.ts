import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadline, Deadlines } from '../../src/time/deadlines.js';

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('arm' as const), id: fc.nat(5), ms: fc.constantFrom(0, 1, 10, 25) }),
    },
    fc.record({ do: fc.constant('disarm' as const), id: fc.nat(5) }),
    { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  ),
  { maxLength: 40, size: 'max' },
);

test('deadlines expire when a list of times says so', () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const clock = new ManualClock();
      const deadlines = new Deadlines(clock);
      const expired: { id: number; at: number }[] = [];
      const armed = new Map<number, number>();
      const wanted: { id: number; at: number }[] = [];
      const all = Array.from({ length: 6 }, (_none, id) => new Deadline(() => expired.push({ id, at: clock.now() })));
      const order = (a: { id: number; at: number }, b: { id: number; at: number }) => a.at - b.at || a.id - b.id;
      for (const step of steps) {
        if (step.do === 'arm') {
          deadlines.arm(all[step.id] as Deadline, step.ms);
          armed.set(step.id, clock.now() + step.ms);
        } else if (step.do === 'disarm') {
          deadlines.disarm(all[step.id] as Deadline);
          armed.delete(step.id);
        } else if (step.do === 'close') {
          deadlines.close();
          armed.clear();
          expect(clock.size).toBe(0);
        } else if (step.do === 'pass') {
          clock.advance(step.ms);
          for (const [id, at] of armed) {
            if (at > clock.now()) continue;
            armed.delete(id);
            wanted.push({ id, at });
          }
        }
        expect([...expired].sort(order)).toEqual([...wanted].sort(order));
      }
      clock.advance(100);
      // Every timer is gone once it has fired with nothing left to wait for.
      expect(clock.size).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('deadlines of one length expire in the order they were armed', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const expired: number[] = [];
  const all = [0, 1, 2, 3].map((id) => new Deadline(() => expired.push(id)));
  for (const id of [2, 0, 3, 1]) deadlines.arm(all[id] as Deadline, 10);
  deadlines.disarm(all[3] as Deadline);
  clock.advance(10);
  expect(expired).toEqual([2, 0, 1]);
});

test('also those that were armed again, whenever that was', () => {
  const moves = fc.array(fc.record({ id: fc.nat(5), ms: fc.nat(8) }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(moves, (moves) => {
      const clock = new ManualClock();
      const deadlines = new Deadlines(clock);
      const expired: string[] = [];
      const due = new Map<number, number>();
      const wanted: string[] = [];
      const pass = (ms: number): void => {
        for (let end = clock.now() + ms; clock.now() < end; ) {
          clock.advance(1);
          for (const [id, at] of due) {
            if (at > clock.now()) break;
            due.delete(id);
            wanted.push(`${id} at ${at}`);
          }
        }
        expect(expired).toEqual(wanted);
      };
      const all = Array.from(
        { length: 6 },
        (_none, id) => new Deadline(() => void expired.push(`${id} at ${clock.now()}`)),
      );
      for (const { id, ms } of moves) {
        deadlines.arm(all[id] as Deadline, 10);
        // A map keeps the order in which its keys were set.
        due.delete(id);
        due.set(id, clock.now() + 10);
        pass(ms);
      }
      pass(20);
      expect(clock.size).toBe(0);
    }),
  );
});

test('a deadline counts from the start it is told, and expires after those that were armed before it', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  const [first, early, late] = ['first', 'early', 'late'].map(
    (name) => new Deadline(() => expired.push(`${name} ${clock.now()}`)),
  ) as [Deadline, Deadline, Deadline];
  deadlines.arm(first, 10);
  clock.advance(4);
  deadlines.arm(early, 10, 2);
  clock.advance(1);
  deadlines.arm(late, 10, 1);
  clock.advance(10);
  expect(expired).toEqual(['first 10', 'early 12', 'late 12']);
});

test('a deadline may be armed again, and others disarmed, while it expires', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const expired: number[] = [];
  const other = new Deadline(() => expired.push(-1));
  const again: Deadline = new Deadline(() => {
    expired.push(clock.now());
    deadlines.disarm(other);
    if (expired.length < 3) deadlines.arm(again, 10);
  });
  deadlines.arm(again, 10);
  deadlines.arm(other, 10);
  clock.advance(100);
  expect(expired).toEqual([10, 20, 30]);
  expect(clock.size).toBe(0);
});

test('closing while a deadline expires ends the others and leaves no timer', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  deadlines.arm(
    new Deadline(() => {
      expired.push('first');
      deadlines.close();
    }),
    10,
  );
  deadlines.arm(new Deadline(() => expired.push('second')), 10);
  clock.advance(5);
  deadlines.arm(new Deadline(() => expired.push('third')), 10);
  clock.advance(100);
  expect(expired).toEqual(['first']);
  expect(clock.size).toBe(0);
});

test('one that is armed again while it expires has one timer, which closing ends', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const again: Deadline = new Deadline(() => deadlines.arm(again, 10));
  deadlines.arm(again, 10);
  clock.advance(10);
  expect(clock.size).toBe(1);
  deadlines.close();
  expect(clock.size).toBe(0);
});

test('one that is armed after closing, while another expires, is known to the next closing', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const late = new Deadline(() => undefined);
  const closing = new Deadline(() => {
    deadlines.close();
    deadlines.arm(late, 10);
  });
  deadlines.arm(closing, 10);
  clock.advance(10);
  expect(clock.size).toBe(1);
  deadlines.close();
  expect(clock.size).toBe(0);
});

test('the process is held open only while something waits', () => {
  const refs: string[] = [];
  const deadlines = new Deadlines({
    now: () => 0,
    setTimeout: () => ({ ref: () => refs.push('ref'), unref: () => refs.push('unref') }),
    clearTimeout: () => refs.push('clear'),
  });
  const deadline = new Deadline(() => undefined);
  deadlines.arm(deadline, 10);
  deadlines.disarm(deadline);
  deadlines.arm(deadline, 10);
  deadlines.close();
  expect(refs).toEqual(['ref', 'unref', 'ref', 'unref', 'clear']);
});

test('on the system clock, too, a deadline expires', async () => {
  const deadlines = new Deadlines(systemClock);
  await new Promise<void>((resolve) => deadlines.arm(new Deadline(resolve), 5));
  deadlines.close();
});

test('one that is armed again is moved, and expires once', () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const expired: string[] = [];
  const [alone, first, second] = ['alone', 'first', 'second'].map(
    (name) => new Deadline(() => void expired.push(`${name} at ${clock.now()}`)),
  ) as [Deadline, Deadline, Deadline];
  deadlines.arm(alone, 70);
  deadlines.arm(first, 100);
  deadlines.arm(second, 100);
  clock.advance(60);
  deadlines.arm(alone, 70);
  deadlines.arm(first, 100);
  deadlines.arm(second, 50);
  clock.advance(500);
  expect(expired).toEqual(['second at 110', 'alone at 130', 'first at 160']);
  deadlines.close();
  expect(clock.size).toBe(0);
});
