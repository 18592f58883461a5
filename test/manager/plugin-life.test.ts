import { expect, it, test } from 'vitest';
import { z } from 'zod';
import { pluginMachine } from '../../machines/index.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { readEnvironment } from '../../src/config/environment/environment.js';
import { ConnectionSet, defaultConnectionSettings } from '../../src/connection/connection-set.js';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { defineHook, definePlugin, type InspectionEvent, type PluginDefinition } from '../../src/index.js';
import type { Logger } from '../../src/observability/logger.js';
import { ClosedGates } from '../../src/manager/lives/closed-gates.js';
import { PluginLife } from '../../src/manager/lives/plugin-life.js';
import { PluginSet } from '../../src/manager/lives/plugin-set.js';
import { PluginStarter } from '../../src/manager/lives/plugin-starter.js';
import { ActorsOfPlugin } from '../../src/plugins/plugin-actors.js';
import { PluginLoader } from '../../src/plugins/plugin-loader.js';
import { ManualClock } from '../../src/testing/index.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import { deferred } from '../../src/time/deferred.js';
import { Pace } from '../../src/time/pace.js';
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

/** What starts plugins in a manager's place. */
function starterOf(
  kinds: ConstructorParameters<typeof PluginLoader>[0]['kinds'],
  logger: Logger,
  connections: ConstructorParameters<typeof PluginStarter>[0]['external']['connections'] = noConnections,
): PluginStarter {
  const hooks = new HookRegistry();
  const common = { clock: systemClock, random: Math.random, logger };
  const external = {
    connections,
    environment: readEnvironment({}),
    hookOf: (name: string) => hooks.get(name),
    env: process.env,
    pace: new Pace(16),
    baseDir: '/',
    ...common,
  };
  const system = new Supervisor('plugin actors', logger, systemClock);
  const actorsOf = (plugin: string): ActorsOfPlugin => new ActorsOfPlugin(plugin, system);
  const roots = { baseDir: '/', pluginDirs: [] };
  const loader = new PluginLoader({ kinds, roots, actorsOf, ssrfProtection: true, ...common });
  return new PluginStarter({ loader, actorsOf, hooks, external, logger, strict: false, startTimeoutMs: 60_000 });
}

const noConnections = {
  open: () => {
    throw new Error('nothing is to be connected');
  },
  forget: () => Promise.resolve(),
};

/** A plugin on its own: a manager does not close what it is starting. */
function alone(plugin: PluginDefinition, retryAfterMs: () => number | undefined = () => undefined) {
  const clock = new ManualClock();
  const logger = recordingLogger();
  const { states, inspector } = watcher();
  const system = new Supervisor('plugins', logger, clock);
  system.inspect(inspector);
  const starter = starterOf({ memory: plugin }, logger);
  const gates = new ClosedGates();
  const life = new PluginLife(
    {
      name: 'P',
      label: 'P',
      runsHere: true,
      load: (signal, gate) => starter.start(memoryConfig('P', []), { label: 'P', signal, gate }),
    },
    { system, clock, logger, gates, startTimeoutMs: 5000, shutdownTimeoutMs: 1000, retryAfterMs },
  );
  return { clock, logger, states, system, life, gates };
}

const awaited = '{"loading":"awaited"}';
const running = '{"running":"enabled"}';
const unwanted = '{"loading":"unwanted"}';
const abandoned = '{"loading":"abandoned"}';

it('a plugin is loaded, runs, and is shut down when its manager closes', async () => {
  const { clock, states, starting } = managed(definePlugin({ hooks: {}, shutdown: () => Promise.resolve() }));
  const manager = await starting;
  expect(states).toEqual([awaited, running]);
  expect(clock.size).toBe(0);
  await manager.close();
  expect(states).toEqual([awaited, running, 'draining', 'stopped']);
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
  expect(states).toEqual([awaited, running, 'draining', 'stopped']);
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
  const starter = starterOf({}, logger, connections);
  const gates = new ClosedGates();
  const limits = { startTimeoutMs: 60_000, shutdownTimeoutMs: 30_000, retryAfterMs: () => undefined };
  const set = new PluginSet(connections, { clock: systemClock, logger, gates, ...limits });

  const mcp = {
    proto: 'STDIO',
    cmd: ['sleep', '600'],
    reconnectAttempts: 3,
    reconnectDelayMs: 10,
    replay: 'once',
  } as const;
  const entry = { ...memoryConfig('P', ['tool_pre_invoke']), kind: 'external', mcp };
  const starting = rejection(set.create(entry, starter).start());
  await until('its server runs', () => descendantsOf(process.pid).length > children.length);
  await set.close();
  expect(await starting).toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
  expect(connections.statuses()).toEqual([]);
  expect(descendantsOf(process.pid)).toEqual(children);
  expect(logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  system.stop();
});

/** A plugin on its own that runs. */
async function runningAlone(plugin: PluginDefinition = definePlugin({ hooks: {} }), retryAfterMs?: number) {
  const one = alone(plugin, () => retryAfterMs);
  await one.life.start();
  return one;
}

/** For plugins that do nothing in the background. */
const cancel = (): void => {};

const held = '{"running":{"disabled":"held"}}';
const coolingDown = '{"running":{"disabled":"coolingDown"}}';
const rested = '{"running":{"disabled":"rested"}}';
const trial = '{"running":{"disabled":"trial"}}';

it('a plugin that is disabled is left out until it is enabled, and goes on living', async () => {
  const { life, gates, states, logger } = await runningAlone();
  expect([life.gate.admit(), gates.closed, life.isHeld]).toEqual(['open', 0, false]);
  life.disable();
  life.disable();
  expect([life.gate.admit(), gates.closed, life.isHeld]).toEqual(['closed', 1, true]);
  expect(life.condition()).toMatchObject({ state: 'running.disabled.held', error: undefined });
  life.enable();
  life.enable();
  expect([life.gate.admit(), gates.closed, life.isHeld]).toEqual(['open', 0, false]);
  await life.close();
  expect(states).toEqual([awaited, running, held, running, 'draining', 'stopped']);
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'plugin P is disabled, and takes part in no chain until it is enabled'],
    ['warn', 'plugin P is disabled, and takes part in no chain until it is enabled'],
    ['info', 'plugin P is enabled again'],
  ]);
});

it('a plugin whose error disables it is tried once when its time is over, by one invocation alone', async () => {
  const { clock, life, gates, states, logger } = await runningAlone(undefined, 2000);
  const error = new Error('no database');
  life.gate.failed(error);
  expect(life.condition()).toEqual({ state: 'running.disabled.coolingDown', forMs: 0, error, nextTimerInMs: 2000 });
  await clock.run(1999);
  expect([life.gate.admit(), gates.closed, life.isHeld]).toEqual(['closed', 1, false]);
  await clock.run(1);
  expect([life.gate.admit(), life.gate.admit(), gates.closed]).toEqual(['trial', 'closed', 1]);
  life.gate.unused();
  expect([life.gate.admit(), life.gate.admit()]).toEqual(['trial', 'closed']);
  life.gate.failed(new Error('still none'));
  expect([life.gate.admit(), clock.size]).toEqual(['closed', 1]);
  await clock.run(2000);
  expect(life.gate.admit()).toBe('trial');
  life.gate.succeeded();
  expect([life.gate.admit(), gates.closed, clock.size, life.condition().error]).toEqual(['open', 0, 0, undefined]);
  const tried = [coolingDown, rested, trial, rested, trial, coolingDown, rested, trial];
  expect(states).toEqual([awaited, running, ...tried, running]);
  expect(logger.lines[0]).toEqual({
    level: 'warn',
    fields: { plugin: 'P', err: error },
    message: 'plugin P is disabled, and takes part in no chain for 2 s: no database',
  });
  await life.close();
});

it('a plugin whose error disables it stays out where nothing says when to try it', async () => {
  const { clock, life, gates, states } = await runningAlone();
  life.gate.failed(new Error('no database'));
  await clock.run(1_000_000);
  expect([life.gate.admit(), gates.closed, life.isHeld, clock.size]).toEqual(['closed', 1, false, 0]);
  await life.close();
  expect([states.at(2), gates.closed]).toEqual([held, 0]);
});

it('a plugin is no longer tried after a time that the settings took back, and stays out when its trial fails', async () => {
  const settings: { retryAfterMs: number | undefined } = { retryAfterMs: 1000 };
  const { clock, life, states } = alone(definePlugin({ hooks: {} }), () => settings.retryAfterMs);
  await life.start();
  life.gate.failed(new Error('no database'));
  await clock.run(1000);
  expect(life.gate.admit()).toBe('trial');
  settings.retryAfterMs = undefined;
  life.gate.failed(new Error('still none'));
  expect([states.at(-1), clock.size]).toEqual([held, 0]);
  await life.close();
});

it('a plugin that retires is shut down when the calls have ended that it still has', async () => {
  let shutDowns = 0;
  const { clock, life, states } = await runningAlone(definePlugin({ hooks: {}, shutdown: () => void shutDowns++ }));
  const calls = deferred();
  const retired = life.retire({ ended: calls.promise, cancel });
  await clock.run(999);
  expect([states.at(-1), shutDowns, life.gate.admit()]).toEqual(['retiring', 0, 'closed']);
  calls.resolve();
  await retired;
  expect([states.slice(2), shutDowns, clock.size]).toEqual([['retiring', 'draining', 'stopped'], 1, 0]);
});

it('a plugin that retires waits no longer for its calls than it may take to shut down', async () => {
  const { clock, life, logger, states } = await runningAlone();
  const retired = life.retire({ ended: new Promise(() => {}), cancel });
  await clock.run(1000);
  await retired;
  expect([states.slice(2), clock.size]).toEqual([['retiring', 'draining', 'stopped'], 0]);
  const message = 'plugin P still has calls after 1 s, and is shut down all the same';
  expect(logger.lines).toEqual([{ level: 'warn', fields: { plugin: 'P' }, message }]);
});

it('a plugin that retires does not wait for its calls when its manager is closed', async () => {
  const { clock, life, states } = await runningAlone();
  const retired = life.retire({ ended: new Promise(() => {}), cancel });
  await Promise.all([life.close(), retired]);
  expect([states.slice(2), clock.size]).toEqual([['retiring', 'draining', 'stopped'], 0]);
});

test('every edge of the plugin machine was taken above', () => {
  expect(coverage.size).toBe(27);
  expect(coverage.missing).toEqual([]);
});
