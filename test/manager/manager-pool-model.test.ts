import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { keys, type PoolStep, PoolWorld, times } from '../models/pool-world.js';

const key = fc.oneof({ weight: 3, arbitrary: fc.constant(keys[0]) }, fc.constantFrom(...keys));
const of = <Type extends PoolStep['type']>(...types: Type[]): fc.Arbitrary<{ type: Type }> =>
  fc.constantFrom(...types).map((type) => ({ type }));

const steps: fc.Arbitrary<PoolStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('call', 'hold', 'use', 'get'), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('invalidate', 'change', 'outdate', 'outdate'), key }) },
  { weight: 5, arbitrary: of('overrides.come', 'build.ends') },
  { weight: 1, arbitrary: of('overrides.fail', 'build.fails', 'invalidateAll') },
  { weight: 1, arbitrary: of('release') },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1, times.drainMs, times.ttlMs, 3000),
    }),
  },
);

// Nothing happens after the end, so it comes at most once, and late.
const scenario = fc
  .tuple(
    fc.array(steps, { maxLength: 40, size: 'max' }),
    fc.constantFrom('close', 'drain', undefined),
    fc.array(steps, { maxLength: 5, size: 'max' }),
  )
  .map(([before, close, after]): PoolStep[] => [...before, ...(close ? [{ type: close }, ...after] : [])]);

test('whatever is asked, changed, lost or closed, and when: one build at a time for a key, as many managers as may be, none closed under a call, none out of date, and nothing left', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), scenario, async (max, taken) => {
      const world = await PoolWorld.start(max);
      for (const step of taken) {
        await world.take(step);
        for (const { state } of world.pool.statuses()) seen.add(state);
      }
      await world.end();
    }),
    { numRuns: 100 },
  );
  // It has been everywhere that one can look at.
  expect([...seen].sort()).toEqual(
    expect.arrayContaining([
      'asking',
      'building.outdated',
      'building.unwanted',
      'building.wanted',
      'draining',
      'queued',
      'ready',
      'stale',
    ]),
  );
});
