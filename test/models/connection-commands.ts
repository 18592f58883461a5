import * as fc from 'fast-check';
import { type Fault, faultArbitrary } from '../../src/testing/faults.js';
import type { ConnectionSettings } from '../../machines/index.js';
import type { ConnectionWorld } from './connection-world.js';

type Command = fc.AsyncCommand<object, ConnectionWorld>;

function command(name: string, act: (world: ConnectionWorld) => void, ms = 0): Command {
  return {
    check: () => true,
    async run(_model, world) {
      act(world);
      await world.clock.run(ms);
      world.check();
    },
    toString: () => name,
  };
}

const ms = fc.oneof(fc.constantFrom(0, 1, 100), fc.integer({ min: 0, max: 12_000 }));

const callArbitrary = fc
  .record({
    timeoutMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constant(60_000)),
    replay: fc.constantFrom('once' as const, 'never' as const),
    count: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 8 })),
  })
  .map(({ timeoutMs, replay, count }) =>
    command(`call(${count}, ${timeoutMs} ms, replay ${replay})`, (world) => {
      for (let i = 0; i < count; i++) world.call({ timeoutMs, replay });
    }),
  );

const cancelArbitrary = fc.nat(20).map((back) =>
  command(`cancel(${back})`, (world) => {
    const call = world.calls.filter(({ settledAt }) => settledAt === undefined).at(-1 - back);
    if (call !== undefined) world.cancel(call);
  }),
);

const faultCommand = faultArbitrary().map((fault: Fault) =>
  command(`fault(${JSON.stringify(fault)})`, (world) => world.fault(fault)),
);

const advanceArbitrary = ms.map((ms) => command(`advance(${ms})`, () => undefined, ms));

const close = fc.constant(command('close()', (world) => world.close()));

/** Any sequence of what users, servers and time may do to a connection. */
export const connectionCommands = (options: { closes: boolean }): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      callArbitrary,
      callArbitrary,
      cancelArbitrary,
      faultCommand,
      faultCommand,
      advanceArbitrary,
      advanceArbitrary,
      fc.constant(command('connect()', (world) => void world.connect())),
      fc.constant(command('retry()', (world) => world.retry())),
      // Rarely: what comes after it is of little interest.
      options.closes
        ? fc.oneof({ weight: 9, arbitrary: advanceArbitrary }, { weight: 1, arbitrary: close })
        : callArbitrary,
    ],
    { maxCommands: 40, size: 'max' },
  );

export const settingsArbitrary: fc.Arbitrary<ConnectionSettings> = fc.record({
  connectTimeoutMs: fc.integer({ min: 1, max: 5_000 }),
  reconnectAttempts: fc.constantFrom(0, 1, 2, 3, 4),
  reconnectDelayMs: fc.integer({ min: 0, max: 1_000 }),
  jitter: fc.constantFrom(0, 0.2, 1),
  stablePeriodMs: fc.integer({ min: 0, max: 5_000 }),
  reconnectWindowMs: fc.constantFrom(0, 1_000, 8_000),
  cooldownMs: fc.integer({ min: 0, max: 10_000 }),
  maxCooldownMs: fc.integer({ min: 0, max: 20_000 }),
  suspectAfter: fc.integer({ min: 0, max: 3 }),
  pingTimeoutMs: fc.integer({ min: 1, max: 3_000 }),
  idleTimeoutMs: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  maxWaiting: fc.integer({ min: 0, max: 10 }),
});
