import { expect, it } from 'vitest';
import { definePlugin, type HookOutcome, type ManagerPool, type PluginOverride } from '../../src/index.js';
import { deferred } from '../../src/time/deferred.js';
import { serveGuard, servedOver } from '../fixtures/hosting/served-plugins.js';
import { external, stdio, untypedConfig } from '../fixtures/manager/managers.js';
import { request, startPool } from '../fixtures/manager/pools.js';
import { descendantsOf, isRunning, openHandles } from '../fixtures/processes/process-table.js';
import { eventually } from '../fixtures/waiting.js';

type Pool = Pick<ManagerPool, 'invokeHook'>;

/** Runs a tool of the fixture server. */
const run = (pool: Pool, key: string, name: string, args: Record<string, unknown> = {}): Promise<HookOutcome> =>
  pool.invokeHook(key, 'tool_pre_invoke', { name, args }, request());

const pidOf = async (pool: Pool, key: string): Promise<number> => Number((await run(pool, key, 'pid')).metadata['pid']);

/** Each key at a priority of its own: as long as it says. */
function priorities() {
  const now: Record<string, number> = {};
  const overridesFor = (key: string): PluginOverride[] => [{ name: 'Guard', priority: now[key] ?? 1 }];
  return { now, overridesFor };
}

it('three tenants have one server process, which is gone with the last of them', async () => {
  const { overridesFor } = priorities();
  const pool = await startPool({ base: untypedConfig(external(stdio())), overridesFor });
  const pids = await Promise.all(['a', 'b', 'c'].map((key) => pidOf(pool, key)));
  expect(new Set(pids)).toEqual(new Set([pids[0]]));
  expect(descendantsOf(process.pid)).toContain(pids[0]);
  expect((await pool.get('a')).connections).toMatchObject([{ name: 'Guard', state: expect.stringMatching(/^ready/) }]);
  await pool.close();
  expect(isRunning(pids[0] ?? 0)).toBe(false);
  expect(openHandles()).not.toContain('ProcessWrap');
});

it('a tenant that is closed disturbs no call of another, nor the process they share', async () => {
  const { now, overridesFor } = priorities();
  const pool = await startPool({ base: untypedConfig(external(stdio())), drainMs: 0, overridesFor });
  const pid = await pidOf(pool, 'a');
  await pidOf(pool, 'b');
  const lost = run(pool, 'a', 'sleep', { ms: 60_000, label: 'a' });
  const refused = expect(lost).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  const kept = run(pool, 'b', 'sleep', { ms: 700, label: 'b' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  now['a'] = 2;
  pool.invalidate('a');
  expect(await pidOf(pool, 'a')).toBe(pid);
  await refused;
  await eventually('the old manager is closed', () => pool.statuses().length === 2);
  expect(await kept).toMatchObject({ continueProcessing: true });
  const { metadata } = await run(pool, 'b', 'cancelled');
  expect(metadata).toEqual({ asleep: ['a', 'b'], cancelled: ['a'] });
  await pool.close();
  expect(isRunning(pid)).toBe(false);
});

it('managers that make room for each other leave no process behind', async () => {
  const { overridesFor } = priorities();
  const pool = await startPool({ base: untypedConfig(external(stdio())), max: 1, overridesFor });
  const pids = [await pidOf(pool, 'a'), await pidOf(pool, 'b'), await pidOf(pool, 'a')];
  expect(pids.every((pid) => pid > 0)).toBe(true);
  await pool.close();
  expect(pids.some(isRunning)).toBe(false);
});

it('a server that dies is started again once, for all who share it', async () => {
  const { overridesFor } = priorities();
  const pool = await startPool({ base: untypedConfig(external(stdio())), overridesFor });
  const before = await Promise.all([pidOf(pool, 'a'), pidOf(pool, 'b')]);
  process.kill(before[0], 'SIGKILL');
  await eventually('it is gone', () => !isRunning(before[0]));
  const after = await Promise.all([pidOf(pool, 'a'), pidOf(pool, 'b')]);
  expect(after[0]).toBe(after[1]);
  expect(after[0]).not.toBe(before[0]);
});

it.each(servedOver)('shares a connection over %s, with modes and priorities of their own', async (transport) => {
  const held = deferred();
  const asleep = deferred();
  const plugin = definePlugin({
    hooks: {
      async tool_pre_invoke({ name }) {
        if (name === 'hold') {
          asleep.resolve();
          await held.promise;
        }
        const violation = { reason: 'no', description: 'no', code: 'NO' };
        return name === 'deny' ? { continueProcessing: false, violation } : { metadata: { name } };
      },
    },
  });
  const entry = await serveGuard(plugin, transport);
  const modes: Record<string, PluginOverride[]> = {
    lax: [{ name: 'Guard', mode: 'permissive' }],
    off: [{ name: 'Guard', mode: 'disabled' }],
  };
  const pool = await startPool({ base: untypedConfig({ plugins: [entry] }), overridesFor: (key) => modes[key] });
  const holding = run(pool, 'strict', 'hold');
  await asleep.promise;
  expect(await run(pool, 'lax', 'deny')).toMatchObject({ continueProcessing: true });
  expect(await run(pool, 'off', 'deny')).toMatchObject({ continueProcessing: true });
  expect(await run(pool, 'strict', 'deny')).toMatchObject({ continueProcessing: false });
  // Both see the call of the other: it is one connection.
  const [lax] = (await pool.get('lax')).connections;
  expect(lax).toMatchObject({ inFlight: 1 });
  expect((await pool.get('off')).connections).toEqual([]);
  held.resolve();
  await holding;
});
