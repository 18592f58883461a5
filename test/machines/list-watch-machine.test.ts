import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { type ListWatchEvent, listWatchMachine } from '../../machines/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

type Step = 'changes' | 'is looked at' | 'closes' | { readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Step>('changes', 'is looked at') },
  { weight: 3, arbitrary: fc.constantFrom(10, 50).map((ms) => ({ ms })) },
  { weight: 1, arbitrary: fc.constant<Step>('closes') },
);

const settleMs = 50;

/** One watch, whose looks end when a test says so. */
async function run(steps: readonly Step[], coverage: EdgeCoverage): Promise<void> {
  const clock = new ManualClock();
  let looks = 0;
  let ends: (() => void) | undefined;
  const machine = listWatchMachine.provide({
    actors: {
      lookAtLists: fromCallback<ListWatchEvent>(({ sendBack }) => {
        looks++;
        ends = () => sendBack({ type: 'lists.lookedAt' });
        return () => (ends = undefined);
      }),
    },
  });
  const actor = createActor(machine, { clock, input: { settleMs }, inspect: coverage.inspect });
  actor.start();
  // Whether something has changed that no look has begun after.
  let isOutdated = false;
  for (const taken of steps) {
    const before = looks;
    if (taken === 'changes') {
      if (actor.getSnapshot().status === 'active') isOutdated = true;
      actor.send({ type: 'offers.changed' });
    } else if (taken === 'is looked at') ends?.();
    else if (taken === 'closes') actor.send({ type: 'close' });
    else await clock.run(taken.ms);
    expect(looks - before).toBeLessThanOrEqual(1);
    if (looks > before) isOutdated = false;
    if (actor.getSnapshot().status !== 'active') isOutdated = false;
  }
  // Whatever changed is looked at in the end, one look after the other.
  for (let look = 0; look < 2; look++) {
    await clock.run(settleMs);
    if (isOutdated && look === 0 && ends === undefined) expect.fail('a change is never looked at');
    ends?.();
  }
  actor.send({ type: 'close' });
  expect([actor.getSnapshot().status, ends, clock.size]).toEqual(['done', undefined, 0]);
}

test('a change is looked at once things have settled, one look at a time, and nothing is left at the end', async () => {
  const coverage = new EdgeCoverage(listWatchMachine);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) => run(steps, coverage)),
    {
      numRuns: 300,
    },
  );
});

test('every edge is taken', async () => {
  const coverage = new EdgeCoverage(listWatchMachine);
  const ms: Step = { ms: settleMs };
  const look: Step[] = ['changes', ms, 'is looked at'];
  await run([...look, 'changes', ms, 'changes', 'is looked at', ms, 'is looked at', 'closes'], coverage);
  await run(['changes', ms, 'changes', 'closes'], coverage);
  expect(coverage.missing).toEqual([]);
});
