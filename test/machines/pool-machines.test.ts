import { expect, test } from 'vitest';
import { poolEntryMachine, pooledManagerMachine } from '../../machines/index.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { PoolMember } from '../../src/manager/pool/manager-pool-member.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { EdgeCoverage } from '../models/edge-coverage.js';
import { type PoolStep, PoolWorld, times } from '../models/pool-world.js';

const a = { key: 'a' } as const;
const built: PoolStep[] = [{ type: 'call', ...a }, { type: 'overrides.come' }, { type: 'build.ends' }];

/** What reaches each edge of the two machines, as the world would. */
const scenarios: Readonly<Record<string, readonly PoolStep[]>> = {
  'a manager is built, grows stale and is kept': [
    ...built,
    { type: 'wait', ms: times.ttlMs },
    { type: 'call', ...a },
    { type: 'overrides.come' },
    { type: 'close' },
  ],
  'overrides are invalidated while they are asked for': [
    { type: 'call', ...a },
    { type: 'invalidate', ...a },
    { type: 'overrides.come' },
    { type: 'overrides.come' },
    { type: 'build.ends' },
  ],
  'overrides cannot be had': [{ type: 'call', ...a }, { type: 'overrides.fail' }],
  'overrides do not come': [
    { type: 'call', ...a },
    { type: 'wait', ms: times.startTimeoutMs },
  ],
  'overrides cannot be had again': [
    ...built,
    { type: 'invalidate', ...a },
    { type: 'get', ...a },
    { type: 'overrides.fail' },
    { type: 'get', ...a },
    { type: 'wait', ms: times.startTimeoutMs },
    { type: 'close' },
  ],
  'a manager cannot be built': [{ type: 'call', ...a }, { type: 'overrides.come' }, { type: 'build.fails' }],
  'a manager is outdated before it is built': [
    { type: 'call', ...a },
    { type: 'overrides.come' },
    { type: 'outdate', ...a },
    { type: 'build.ends' },
    { type: 'overrides.come' },
    { type: 'build.ends' },
  ],
  'a manager that is outdated cannot be built': [
    { type: 'call', ...a },
    { type: 'overrides.come' },
    { type: 'outdate', ...a },
    { type: 'build.fails' },
    { type: 'overrides.come' },
    { type: 'build.ends' },
  ],
  'the pool is closed while overrides are asked for': [{ type: 'call', ...a }, { type: 'close' }],
  'the pool is closed while a manager is built': [
    { type: 'call', ...a },
    { type: 'overrides.come' },
    { type: 'close' },
    { type: 'build.ends' },
  ],
  'the pool is closed while a manager is built that cannot be': [
    { type: 'call', ...a },
    { type: 'overrides.come' },
    { type: 'outdate', ...a },
    { type: 'close' },
    { type: 'build.fails' },
  ],
  'the pool is closed while some wait for room': [
    { type: 'call', ...a },
    { type: 'call', key: 'b' },
    { type: 'overrides.come' },
    { type: 'overrides.come' },
    { type: 'close' },
  ],
  'overrides are invalidated while some wait for room': [
    { type: 'call', ...a },
    { type: 'call', key: 'b' },
    { type: 'overrides.come' },
    { type: 'overrides.come' },
    { type: 'outdate', key: 'b' },
    { type: 'build.ends' },
    { type: 'overrides.come' },
    { type: 'build.ends' },
  ],
  'a manager is built in the place of another': [
    ...built,
    { type: 'outdate', ...a },
    { type: 'call', ...a },
    { type: 'overrides.come' },
    { type: 'build.ends' },
  ],
  'a manager is retired for another, and used for longer than it may drain': [
    ...built,
    { type: 'use', ...a },
    { type: 'call', key: 'b' },
    { type: 'overrides.come' },
    { type: 'wait', ms: times.drainMs },
    { type: 'release' },
  ],
  'the pool is closed with time to drain, and a manager is retired twice': [
    ...built,
    { type: 'hold', ...a },
    { type: 'call', key: 'b' },
    { type: 'overrides.come' },
    { type: 'drain' },
    { type: 'wait', ms: 200 },
    { type: 'release' },
  ],
};

test('every edge of the machines of pools is taken as the world would take it', async () => {
  const keys = new EdgeCoverage(poolEntryMachine);
  const managers = new EdgeCoverage(pooledManagerMachine);
  for (const steps of Object.values(scenarios)) {
    const world = await PoolWorld.start(1, (event) => {
      keys.inspect(event);
      managers.inspect(event);
    });
    for (const step of steps) await world.take(step);
    await world.end();
  }
  expect(keys.missing).toEqual([]);
  // A manager's `close` does not reject; what it would come to is below.
  expect(managers.missing).toEqual([expect.stringContaining('on xstate.error.actor.0.pooledManager.closing')]);
  // Without those that a state takes by itself.
  expect([keys.size, managers.size]).toEqual([24, 6]);
});

test('a manager that does not close as it should is told of, and counts as closed', async () => {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const system = new Supervisor('managers', logger, clock);
  const nothing = (): never => {
    throw new Error('nobody asks for this');
  };
  const manager = {
    invokeHook: nothing,
    invokeHookForPlugin: nothing,
    hasHooksFor: nothing,
    pluginNames: [],
    configs: [],
    connections: [],
    inspect: nothing,
    close: () => Promise.reject(new Error('stuck')),
  };
  const closed: unknown[] = [];
  const member = new PoolMember({ key: 'a', number: 1, manager }, { system, clock, logger }, (one) => closed.push(one));
  member.retire(100);
  await clock.run(0);
  expect(closed).toEqual([member]);
  expect(logger.entries).toMatchObject([{ level: 'error', message: 'manager a did not close as it should' }]);
  expect([clock.size, system.size]).toEqual([0, 0]);
  member.retire(100);
});
