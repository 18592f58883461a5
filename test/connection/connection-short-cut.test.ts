import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionCommands, settingsArbitrary } from '../models/connection-commands.js';
import { ConnectionWorld } from '../models/connection-world.js';

/** What users and servers can see of a connection's life. */
function seen({ calls, connects, states, backoffs, transport }: ConnectionWorld) {
  return {
    settled: [...calls, ...connects].map(({ message, answer, code, settledAt }) => ({
      message,
      answer,
      code,
      settledAt,
    })),
    requests: transport.links.map(({ requests }) => requests.map(({ message, outcome }) => ({ message, outcome }))),
    states,
    backoffs,
  };
}

test('calls that find the link open end the same whether or not the machine is told of them', async () => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      connectionCommands({ closes: true }),
      async (settings, seed, commands) => {
        const lives = [];
        for (const inspector of [undefined, () => void told++]) {
          const world = new ConnectionWorld(settings, { seed, ...(inspector && { inspector }) });
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await world.end();
          lives.push(seen(world));
        }
        expect(lives[0]).toEqual(lives[1]);
      },
    ),
    { numRuns: 100 },
  );
  expect(told).toBeGreaterThan(0);
});

test('only where somebody watches is the machine told of a call that finds the link open', async () => {
  const world = new ConnectionWorld();
  world.call();
  await world.clock.run(0);
  const events: string[] = [];
  world.call();
  await world.clock.run(0);
  const watching = world.system.inspect((event) => {
    if (event.type === '@xstate.event' && event.event.type === 'call.arrived') events.push(world.state);
  });
  world.call();
  await world.clock.run(0);
  watching.unsubscribe();
  world.call();
  await world.clock.run(0);
  expect(events).toEqual(['ready.settling']);
  expect(world.outcomes).toEqual([1, 1, 1, 1]);
  await world.end();
});

test.each([
  ['unwatched', {}],
  ['watched', { inspector: () => undefined }],
])('there is no short cut past a link that is suspected, %s', async (_name, options) => {
  const world = new ConnectionWorld({ suspectAfter: 1 }, options);
  world.transport.requests.next({ kind: 'hangs' });
  world.transport.pings.next({ kind: 'answers', afterMs: 200 });
  world.call({ timeoutMs: 100 });
  await world.clock.run(100);
  world.call();
  await world.clock.run(100);
  expect(world.connection.status()).toMatchObject({ state: 'suspect', waiting: 1, inFlight: 0 });
  await world.clock.run(100);
  expect(world.outcomes).toEqual(['CALL_TIMEOUT', 1]);
  await world.end();
});
