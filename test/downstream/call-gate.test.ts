import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallGate } from '../../src/downstream/sessions/call-gate.js';
import { ManualClock } from '../../src/testing/index.js';
import { Deadlines } from '../../src/time/deadlines.js';
import { ServerWorld } from '../models/server-world.js';

test('no more calls go to a server at a time than may, in the order in which they came, and each is told once', async () => {
  const plans = fc.array(
    fc.record({ atMs: fc.nat(500), takesMs: fc.nat(300), timeoutMs: fc.nat(400), cancelMs: fc.option(fc.nat(400)) }),
    {
      maxLength: 25,
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.nat(5), plans, async (most, maxWaiting, plan) => {
      const clock = new ManualClock();
      const deadlines = new Deadlines(clock);
      const gate = new CallGate('a', most, { deadlines, maxWaiting });
      const entered: number[] = [];
      const settled = plan.map(() => 0);
      const at = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, ms));
      plan.forEach(({ atMs, takesMs, timeoutMs, cancelMs }, index) => {
        const controller = new AbortController();
        if (cancelMs !== null) clock.setTimeout(() => controller.abort(), atMs + cancelMs);
        void at(atMs).then(async () => {
          expect(gate.waiting).toBeLessThanOrEqual(maxWaiting);
          try {
            await gate.enter({ signal: controller.signal, timeoutMs });
          } catch {
            settled[index] = (settled[index] ?? 0) + 1;
            return;
          }
          settled[index] = (settled[index] ?? 0) + 1;
          entered.push(index);
          expect(gate.inside).toBeLessThanOrEqual(most);
          await at(takesMs);
          gate.leave();
        });
      });
      await clock.run(20_000);
      expect(settled).toEqual(plan.map(() => 1));
      const arrived = entered.map((index) => plan[index]?.atMs ?? 0);
      expect(arrived).toEqual(arrived.toSorted((one, other) => one - other));
      expect([gate.inside, gate.waiting]).toEqual([0, 0]);
      deadlines.close();
      expect(clock.size).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('calls over the limit of their server wait within their time, and those of other servers do not', async () => {
  const world = await ServerWorld.open({
    one: { command: 'server', args: ['1'], maxConcurrent: 1 },
    other: { command: 'server', args: ['1'] },
  });
  world.onSession = ({ transport }) => transport.requests.always({ kind: 'answers', afterMs: 1_000 });
  const call = (name: string, timeoutMs: number): ReturnType<ServerWorld['track']> =>
    world.track(world.set.callTool(name, { name: 'echo' }, { timeoutMs }));
  const calls = [call('one', 5_000), call('one', 1_500), call('one', 5_000), call('other', 5_000)];
  await world.clock.run(100);
  expect(world.set.status()[0]).toMatchObject({ inFlight: 1, waiting: 2 });
  await world.clock.run(10_000);
  expect(calls.map(({ code, settledAt }) => [code, settledAt])).toEqual([
    [undefined, 1_000],
    ['CALL_TIMEOUT', 1_500],
    [undefined, 2_500],
    [undefined, 1_000],
  ]);
  expect(await world.end()).toMatchObject({ timers: 0, links: 0, unsettled: 0 });
});

test('a call beyond those that may wait is told that its server is busy', async () => {
  const world = await ServerWorld.open(
    { one: { command: 'server', args: ['1'], maxConcurrent: 1 } },
    { connection: { maxWaiting: 1 } },
  );
  world.onSession = ({ transport }) => transport.requests.always({ kind: 'hangs' });
  for (let calls = 0; calls < 2; calls++) world.track(world.set.callTool('one', { name: 'echo' }));
  const refused = world.track(world.set.callTool('one', { name: 'echo' }));
  await world.clock.run(10);
  expect(refused).toMatchObject({
    code: 'QUEUE_FULL',
    error: { message: 'Server one is busy: 1 calls are under way and 1 wait already.' },
  });
  expect(await world.end()).toMatchObject({ timers: 0, links: 0, unsettled: 0 });
});
