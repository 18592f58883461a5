import { expect, it, test } from 'vitest';
import { z } from 'zod';
import { pluginMachine } from '../../machines/index.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { readEnvironment } from '../../src/config/environment/environment.js';
import { ConnectionSet, defaultConnectionSettings } from '../../src/connection/connection-set.js';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { defineHook, definePlugin, type InspectionEvent, type PluginDefinition } from '../../src/index.js';
import { PluginLife } from '../../src/manager/plugin-life.js';
import { PluginSet } from '../../src/manager/plugin-set.js';
import { PluginStarter } from '../../src/manager/plugin-starter.js';
import { PluginLoader } from '../../src/plugins/plugin-loader.js';
import { ManualClock } from '../../src/testing/index.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import { deferred } from '../../src/time/deferred.js';
import { start } from '../fixtures/manager/managers.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection, until } from '../fixtures/waiting.js';
import { memoryConfig, MemoryHost } from '../fixtures/hosting/memory-host.js';
import { serveHost } from '../fixtures/hosting/served-plugins.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

const coverage = new EdgeCoverage(pluginMachine);

/** The states that a plugin was seen in, as an inspector sees them. */
function watcher(name = 'P') {
  const states: string[] = [];
  const inspector = (event: InspectionEvent): void => {
    coverage.inspect(event);
    if (event.type !== '@xstate.snapshot' || !('value' in event.snapshot) || !('id' in event.actorRef)) return;
    if (event.actorRef.id !== `plugin:${name}`) return;
    const { value } = event.snapshot;
    const state = typeof value === 'string' ? value : JSON.stringify(value);
    if (states.at(-1) !== state) states.push(state);
  };
  return { states, inspector };
}

/** A plugin of a real manager, on a manual clock. */
function managed(plugin: PluginDefinition) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const { states, inspector } = watcher();
  const config = { plugins: [{ name: 'P', kind: 'p', hooks: [] }] };
  const starting = start({ kinds: { p: plugin }, config, clock, logger, inspector, startTimeoutMs: 5000 });
  return { clock, logger, states, starting };
}

/** A plugin on its own: a manager does not close what it is starting. */
function alone(plugin: PluginDefinition) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const { states, inspector } = watcher();
  const system = new Supervisor('plugins', logger, clock);
  system.inspect(inspector);
  const loader = new PluginLoader({ memory: plugin }, { baseDir: '/', pluginDirs: [] }, logger);
  const life = new PluginLife(
    {
      name: 'P',
      runsHere: true,
      load: async () => ({ state: 'running', plugin: await loader.load(memoryConfig('P', [])) }),
    },
    { system, clock, logger, startTimeoutMs: 5000, shutdownTimeoutMs: 1000 },
  );
  return { clock, logger, states, system, life };
}

const awaited = '{"loading":"awaited"}';
const unwanted = '{"loading":"unwanted"}';
const abandoned = '{"loading":"abandoned"}';

it('a plugin is loaded, runs, and is shut down when its manager closes', async () => {
  const { clock, states, starting } = managed(definePlugin({ hooks: {}, shutdown: () => Promise.resolve() }));
  const manager = await starting;
  expect(states).toEqual([awaited, 'running']);
  expect(clock.size).toBe(0);
  await manager.close();
  expect(states).toEqual([awaited, 'running', 'draining', 'stopped']);
  expect(clock.size).toBe(0);
});

it('a plugin that throws as it starts has failed, and is not shut down', async () => {
  let shutDowns = 0;
  const { states, starting } = managed(
    definePlugin({ hooks: {}, initialize: () => Promise.reject(new Error('no')), shutdown: () => void shutDowns++ }),
  );
  expect(await rejection(starting)).toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
  expect(states).toEqual([awaited, 'failed']);
  expect(shutDowns).toBe(0);
});

it('a plugin that starts when nobody waits any more is shut down, within its time', async () => {
  const ready = deferred();
  const { clock, logger, states, starting } = managed(
    definePlugin({ hooks: {}, initialize: () => ready.promise, shutdown: () => new Promise<void>(() => {}) }),
  );
  const failed = rejection(starting);
  await clock.run(4999);
  expect(states).toEqual([awaited]);
  // Else the process would end while the host waits.
  expect(clock.holding).toBe(1);
  await clock.run(1);
  expect(await failed).toMatchObject({ message: 'Plugin P did not start within 5 s.', details: { plugin: 'P' } });
  expect(states).toEqual([awaited, abandoned]);
  expect(clock.size).toBe(0);
  ready.resolve();
  await clock.run(0);
  expect(states).toEqual([awaited, abandoned, 'draining']);
  expect(clock.holding).toBe(1);
  await clock.run(10_000);
  expect(states).toEqual([awaited, abandoned, 'draining', 'stopped']);
  expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { plugin: 'P' } }));
  expect(clock.size).toBe(0);
});

it('a plugin that throws as it shuts down has stopped, and an inspector does not hear what it threw', async () => {
  const logger = recordingLogger();
  const told: InspectionEvent[] = [];
  const { states, inspector } = watcher();
  const manager = await start({
    kinds: { p: definePlugin({ hooks: {}, shutdown: () => Promise.reject('a secret') }) },
    config: { plugins: [{ name: 'P', kind: 'p', config: { password: 'a secret' } }] },
    logger,
    inspector: (event) => {
      told.push(event);
      inspector(event);
    },
  });
  await manager.close();
  expect(states).toEqual([awaited, 'running', 'draining', 'stopped']);
  expect(logger.lines).toContainEqual({
    level: 'error',
    fields: { plugin: 'P', err: 'a secret' },
    message: 'plugin P did not shut down cleanly: a secret',
  });
  const shown = told.flatMap((event) =>
    'event' in event ? [event.event] : 'snapshot' in event ? [event.snapshot] : [],
  );
  expect(shown.length).toBeGreaterThan(10);
  expect(JSON.stringify(shown, (key, value: unknown) => (key === 'machine' ? undefined : value))).not.toContain(
    'secret',
  );
});

it('a plugin that its server says is disabled stops without having run', async () => {
  const host = new MemoryHost({ Guard: { tool_pre_invoke: () => ({}) } }, ['Guard']);
  const { states, inspector } = watcher('Guard');
  const manager = await start({ config: { plugins: [await serveHost(host, 'unix')] }, inspector });
  expect(manager.pluginNames).toEqual([]);
  expect(states).toEqual([awaited, 'stopped']);
});

it('a plugin elsewhere has failed to start where the payload of its hook has two fields of one name on the wire', async () => {
  const host = new MemoryHost({ Guard: { odd: () => ({}) } });
  const odd = defineHook({ name: 'odd', payload: z.object({ fooBar: z.string(), foo_bar: z.string() }) });
  const { states, inspector } = watcher('Guard');
  const entry = { ...(await serveHost(host, 'unix')), hooks: ['odd'] };
  const starting = start({ hooks: [odd], config: { plugins: [entry] }, inspector });
  expect(await rejection(starting)).toMatchObject({ code: 'HOOK_DUPLICATE' });
  expect(states).toEqual([awaited, 'failed']);
});

it('a plugin that is closed as it starts is shut down as soon as it has started', async () => {
  const ready = deferred();
  let shutDowns = 0;
  const { clock, states, system, life } = alone(
    definePlugin({ hooks: {}, initialize: () => ready.promise, shutdown: () => void shutDowns++ }),
  );
  const starting = rejection(life.start());
  await clock.run(100);
  let closed = false;
  void life.close().then(() => (closed = true));
  expect(await starting).toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    message: 'Plugin P was closed before it had started.',
  });
  expect([states, shutDowns, closed]).toEqual([[awaited, unwanted], 0, false]);
  ready.resolve();
  await clock.run(0);
  expect([states, shutDowns, closed]).toEqual([[awaited, unwanted, 'draining', 'stopped'], 1, true]);
  expect([clock.size, system.size]).toEqual([0, 0]);
});

it('a plugin that is closed as it starts, and does not start in time, is waited for no longer', async () => {
  const ready = deferred();
  let shutDowns = 0;
  const { clock, logger, states, life } = alone(
    definePlugin({ hooks: {}, initialize: () => ready.promise, shutdown: () => void shutDowns++ }),
  );
  const starting = rejection(life.start());
  const closing = life.close();
  await clock.run(1000);
  await Promise.all([starting, closing, life.close()]);
  expect(states).toEqual([awaited, unwanted, abandoned]);
  const message = 'plugin P is still starting; it will be shut down when it has started';
  expect(logger.lines).toEqual([{ level: 'warn', fields: { plugin: 'P' }, message }]);
  ready.resolve();
  await clock.run(0);
  expect([states.at(-1), shutDowns, clock.size]).toEqual(['stopped', 1, 0]);
});

it('an external plugin that is closed as it starts does not wait for its server, and leaves no process', async () => {
  const logger = recordingLogger();
  const children = descendantsOf(process.pid);
  const system = new ConnectionSystem(systemClock, new Deadlines(systemClock), logger);
  const common = { clock: systemClock, random: Math.random, logger };
  const connections = new ConnectionSet({ settings: defaultConnectionSettings, system, ...common });
  const hooks = new HookRegistry();
  const hookOf = (name: string) => hooks.get(name);
  const environment = readEnvironment({});
  const external = { connections, environment, hookOf, env: process.env, baseDir: '/', ...common };
  const loader = new PluginLoader({}, { baseDir: '/', pluginDirs: [] }, logger);
  const limits = { startTimeoutMs: 60_000, shutdownTimeoutMs: 30_000 };
  const starter = new PluginStarter({ loader, hooks, external, logger, strict: false, ...limits });
  const set = new PluginSet(starter, { clock: systemClock, logger, ...limits });

  const mcp = {
    proto: 'STDIO',
    cmd: ['sleep', '600'],
    reconnectAttempts: 3,
    reconnectDelayMs: 10,
    replay: 'once',
  } as const;
  const starting = set.start([{ ...memoryConfig('P', ['tool_pre_invoke']), kind: 'external', mcp }]);
  await until('its server runs', () => descendantsOf(process.pid).length > children.length);
  await set.close();
  expect((await starting).failures).toMatchObject([{ code: 'PLUGIN_LOAD_FAILED' }]);
  expect(connections.statuses()).toEqual([]);
  expect(descendantsOf(process.pid)).toEqual(children);
  expect(logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  system.stop();
});

test('every edge of the plugin machine was taken above', () => {
  expect(coverage.size).toBe(12);
  expect(coverage.missing).toEqual([]);
});
