import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionMachine } from '../machines/index.js';
import { connectionCommands, settingsArbitrary } from './properties/connection-commands.js';
import { ConnectionWorld, type Tracked } from './properties/connection-world.js';
import { EdgeCoverage } from './properties/edge-coverage.js';

test('whatever happens, a connection keeps its promises, and when it is closed nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      connectionCommands({ closes: true }),
      async (settings, seed, commands) => {
        const world = new ConnectionWorld(settings, { seed });
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await world.end();
      },
    ),
    { numRuns: 250 },
  );
});

test('whatever happened, once the world has healed a new call is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      connectionCommands({ closes: false }),
      async (settings, seed, commands) => {
        const world = new ConnectionWorld(settings, { seed });
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        world.transport.heal();
        await world.clock.run(world.healingMs);
        world.check();
        expect(world.state).toMatch(/^(idle\.empty|ready\..*|failed\.(coolingDown|rested))$/);
        if (world.state === 'failed.coolingDown') {
          await world.clock.run(settings.cooldownMs);
          expect(world.state).toBe('failed.rested');
        }
        const call = world.call();
        await world.clock.run(0);
        expect(call.answer?.message).toBe(call.message);
        expect(world.state).toMatch(/^ready/);
        await world.end();
      },
    ),
    { numRuns: 120 },
  );
});

test('every edge of the connection machine is taken', async () => {
  const coverage = new EdgeCoverage(connectionMachine);
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      connectionCommands({ closes: true }),
      async (settings, seed, commands) => {
        const world = new ConnectionWorld(settings, { seed, inspector: coverage.inspect });
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await world.end();
      },
    ),
    { numRuns: 120, seed: 1 },
  );
  await callWhileTheLinkBecomesReady(coverage);
  await callWhileAnUnusedLinkIsEnded(coverage);
  expect(coverage.missing).toEqual([]);
});

/** An observer of the actor system is the only one who can ask while the machine is on its way from state to state. */
async function callWhileTheLinkBecomesReady(coverage: EdgeCoverage): Promise<void> {
  let second: Tracked | undefined;
  const world: ConnectionWorld = new ConnectionWorld(
    {},
    {
      inspector(event) {
        coverage.inspect(event);
        if (event.type === '@xstate.microstep' && world.transport.links.length > 0) second ??= world.call();
      },
    },
  );
  const first = world.call();
  await world.clock.run(0);
  expect([first.answer?.link, second?.answer?.link]).toEqual([1, 1]);
  await world.end();
}

async function callWhileAnUnusedLinkIsEnded(coverage: EdgeCoverage): Promise<void> {
  const settings = { stablePeriodMs: 10, idleTimeoutMs: 100 };
  const world = new ConnectionWorld(settings, { inspector: coverage.inspect });
  world.transport.closes.next({ kind: 'waits' });
  world.call();
  await world.clock.run(1_000);
  expect(world.state).toBe('idle.releasing');
  world.call();
  await world.clock.run(1_000);
  expect(world.state).toBe('reconnecting.releasing');
  world.transport.link?.finishClosing();
  await world.clock.run(0);
  expect(world.outcomes).toEqual([1, 2]);
  await world.end();
}
