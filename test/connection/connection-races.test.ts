import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectionWorld } from '../models/connection-world.js';

const races = [
  'answer 0',
  'answer 1',
  'refuse 0',
  'cut off 0',
  'lose session 0',
  'lose session 1',
  'not sent 1',
  'cancel 0',
  'cancel 1',
  'end link',
  'open',
  'reject',
  'call',
  'pass 100 ms',
  'pass 100 ms',
  'close',
] as const;
type Race = (typeof races)[number];

function act(world: ConnectionWorld, race: Race): void {
  const [verb, position] = race.split(/ (?=\d$)/);
  const call = world.calls[Number(position)];
  const requests = world.transport.links.flatMap((link) => link.requests);
  const request = requests.findLast(({ message }) => message === call?.message);
  switch (verb) {
    case 'answer':
      return request?.answer();
    case 'refuse':
      return request?.fail('refused');
    case 'cut off':
      return request?.fail('cutOff');
    case 'lose session':
      return request?.fail('sessionLost');
    case 'not sent':
      return request?.fail('notSent');
    case 'cancel':
      return call === undefined ? undefined : world.cancel(call);
    case 'end link':
      return world.transport.link?.end();
    case 'open':
      return world.transport.openings[0]?.open();
    case 'reject':
      return world.transport.openings[0]?.reject();
    case 'call':
      return void world.call({ timeoutMs: 1_000 });
    case 'pass 100 ms':
      return world.clock.advance(100);
    case 'close':
      return world.close();
  }
}

test('answers, losses, cancels and closes may race in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom(...races), { minLength: 3, maxLength: 14, size: 'max' }),
      fc.constantFrom('once' as const, 'never' as const),
      async (scheduler, chosen, replay) => {
        const world = new ConnectionWorld({ connectTimeoutMs: 150, reconnectAttempts: 2, cooldownMs: 50 });
        world.transport.requests.always({ kind: 'waits' });
        world.call({ replay, timeoutMs: 500 });
        world.call({ replay, timeoutMs: 500 });
        await world.clock.run(0);
        world.transport.opens.always({ kind: 'waits' });
        // Some tasks are set off by others, a few microtasks later: that is where orders differ.
        const tasks = chosen.map((race, position) =>
          scheduler.schedule(Promise.resolve(race), `${position} ${race}`).then((race) => act(world, race)),
        );
        await scheduler.waitIdle();
        await Promise.all(tasks);
        await world.clock.run(0);
        world.check();
        await world.end();
      },
    ),
    { numRuns: 400 },
  );
});

// An answer is heard a microtask after it was given, so an abort in between wins; a close lets it through.
test.each([
  { first: 'answer 0', second: 'cancel 0', outcome: 'CALL_CANCELLED' },
  { first: 'cancel 0', second: 'answer 0', outcome: 'CALL_CANCELLED' },
  { first: 'lose session 0', second: 'end link', outcome: 2 },
  { first: 'end link', second: 'lose session 0', outcome: 2 },
  { first: 'close', second: 'answer 0', outcome: 'CALL_OUTCOME_UNKNOWN' },
  { first: 'answer 0', second: 'close', outcome: 1 },
] as const)('$first and then $second at one time end the call as $outcome', async ({ first, second, outcome }) => {
  const world = new ConnectionWorld();
  world.transport.requests.next({ kind: 'waits' });
  world.call({ replay: 'once' });
  await world.clock.run(0);
  act(world, first);
  act(world, second);
  await world.clock.run(1_000);
  world.check();
  expect(world.outcomes).toEqual([outcome]);
  await world.end();
});
