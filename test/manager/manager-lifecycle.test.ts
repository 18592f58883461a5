import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, http, start, stdio } from '../fixtures/manager/managers.js';
import { descendantsOf, openHandles } from '../fixtures/processes/process-table.js';
import { rejection, until } from '../fixtures/waiting.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const hooks = ['tool_pre_invoke'];

describe('start', () => {
  it('initialises each plugin once, side by side, before the first hook; close shuts each down once', async () => {
    const events: string[] = [];
    const slow = definePlugin({
      hooks: { tool_pre_invoke: (_, { plugin }) => void events.push(`run ${plugin.name}`) },
      async initialize({ name }) {
        events.push(`begin ${name}`);
        await delay(20);
        events.push(`ready ${name}`);
      },
      async shutdown({ name }) {
        await delay(10);
        events.push(`end ${name}`);
      },
    });
    const manager = await start({
      kinds: { slow },
      config: { plugins: ['a', 'b'].map((name) => ({ name, kind: 'slow', hooks })) },
    });
    expect(events.splice(0)).toEqual(['begin a', 'begin b', 'ready a', 'ready b']);
    await callTool(manager, 't');
    expect(events.splice(0)).toEqual(['run a', 'run b']);
    await Promise.all([manager.close(), manager.close()]);
    await manager.close();
    expect(events.sort()).toEqual(['end a', 'end b']);
  });

  it('that fails shuts down what had started, and nothing of it is left', async () => {
    const events: string[] = [];
    const good = definePlugin({ hooks: { tool_pre_invoke() {} }, shutdown: ({ name }) => void events.push(name) });
    const bad = definePlugin({
      hooks: { tool_pre_invoke() {} },
      initialize: () => Promise.reject(new Error('no licence')),
      shutdown: () => void events.push('bad'),
    });
    const server = await serve();
    const config = {
      plugins: [
        { name: 'a', kind: 'good', hooks },
        { name: 'b', kind: 'bad', hooks },
        { name: 'c', kind: 'external', hooks, mcp: http(server.url) },
      ],
    };
    const error = await rejection(start({ kinds: { good, bad }, config }));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining('no licence') });
    expect(events).toEqual(['a']);
    await until('the server is left', () => server.sockets.size === 0);
  });

  it('that fails does not wait for a plugin that hangs when it is shut down', async () => {
    const logger = recordingLogger();
    const stuck = definePlugin({ hooks: {}, shutdown: () => new Promise<void>(() => {}) });
    const bad = definePlugin({ hooks: {}, initialize: () => Promise.reject(new Error('no licence')) });
    const config = {
      plugins: [
        { name: 'S', kind: 'stuck' },
        { name: 'B', kind: 'bad' },
      ],
    };
    const error = await rejection(start({ kinds: { stuck, bad }, config, logger, shutdownTimeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining('no licence') });
    expect(logger.lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^plugin S did not shut/));
  });

  it('does not wait for a plugin longer than the start time, and shuts it down if it gets ready after all', async () => {
    let finish = (): void => {};
    const events: string[] = [];
    const late = definePlugin({
      hooks: { tool_pre_invoke() {} },
      initialize: () => new Promise<void>((resolve) => (finish = resolve)),
      shutdown: () => void events.push('shut down'),
    });
    const config = { plugins: [{ name: 'Late', kind: 'late', hooks }] };
    const error = await rejection(start({ kinds: { late }, config, startTimeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: 'Plugin Late did not start within 0.05 s.' });
    expect(events).toEqual([]);
    finish();
    await until('it is shut down', () => events.length === 1);
  });

  it('goes on without plugins that cannot be loaded where the configuration says so, and logs each', async () => {
    const logger = recordingLogger();
    const manager = await start({
      config: {
        plugins: [
          { name: 'a', kind: './gone.js#A', hooks },
          { name: 'b', kind: 'external', hooks, mcp: stdio({}, { cmd: ['no-such-command'], reconnect_attempts: 1 }) },
          { name: 'c', kind: 'good', hooks },
        ],
        plugin_settings: { skip_unloadable_plugins: true },
      },
      kinds: { good: definePlugin({ hooks: { tool_pre_invoke: () => ({ metadata: { c: 1 } }) } }) },
      logger,
    });
    expect(manager.pluginNames).toEqual(['c']);
    expect((await callTool(manager, 't')).metadata).toEqual({ c: 1 });
    const errors = logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
    // They start side by side.
    expect(errors.toSorted()).toEqual([
      expect.stringMatching(/^skipped a plugin: External plugin b at stdio no-such-command/),
      expect.stringMatching(/^skipped a plugin: Plugin a \(\.\/gone\.js#A\) cannot be loaded: no such file/),
    ]);
  });

  it('never makes a disabled plugin', async () => {
    let made = 0;
    const counted = { create: () => ({ handler: () => (made++, () => ({})) }) };
    const manager = await start({
      kinds: { counted },
      config: {
        plugins: [
          { name: 'off', kind: 'counted', hooks, mode: 'disabled' },
          { name: 'far', kind: './gone.js#A', mode: 'disabled' },
        ],
      },
    });
    expect(made).toBe(0);
    expect(manager.pluginNames).toEqual([]);
    expect(manager.configs.map(({ name }) => name)).toEqual(['off', 'far']);
    expect(manager.hasHooksFor('tool_pre_invoke')).toBe(false);
  });
});

describe('close', () => {
  it('rejects what runs with MANAGER_CLOSED, aborts its signal, and refuses what comes later', async () => {
    let reason: unknown;
    const hanging = definePlugin({
      hooks: {
        tool_pre_invoke: (_, { signal }) =>
          new Promise<undefined>(() => signal.addEventListener('abort', () => (reason = signal.reason))),
      },
    });
    const manager = await start({ kinds: { hanging }, config: { plugins: [{ name: 'H', kind: 'hanging', hooks }] } });
    const running = [rejection(callTool(manager, 'a')), rejection(callTool(manager, 'b'))];
    await manager.close();
    for (const error of await Promise.all(running)) {
      expect(error).toMatchObject({
        code: 'MANAGER_CLOSED',
        message: 'The manager was closed while the hook was running.',
      });
    }
    expect(reason).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(await rejection(callTool(manager, 'c'))).toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('called by a plugin that is running settles its invocation too', async () => {
    const closing = definePlugin({
      hooks: {
        async tool_pre_invoke() {
          await manager.close();
        },
      },
    });
    const manager = await start({ kinds: { closing }, config: { plugins: [{ name: 'C', kind: 'closing', hooks }] } });
    expect(await rejection(callTool(manager, 'a'))).toMatchObject({ code: 'MANAGER_CLOSED' });
    await manager.close();
  });

  it('with calls in flight to external plugins leaves no process, socket or timer', async () => {
    const server = await serve();
    const before = openHandles().length;
    const children = descendantsOf(process.pid);
    const manager = await start({
      config: {
        plugins: [
          { name: 'Http', kind: 'external', hooks, mcp: http(server.url), conditions: [{ tenant_ids: ['http'] }] },
          { name: 'Stdio', kind: 'external', hooks, mcp: stdio(), conditions: [{ tenant_ids: ['stdio'] }] },
        ],
      },
    });
    expect(descendantsOf(process.pid).length).toBeGreaterThan(children.length);
    const payload = { name: 'sleep', args: { ms: 60_000, label: 'x' } };
    const running = ['http', 'stdio'].map((tenantId) =>
      rejection(manager.invokeHook('tool_pre_invoke', payload, { requestId: tenantId, tenantId })),
    );
    await until('both are in flight', () => manager.connections.every(({ inFlight }) => inFlight === 1));
    await manager.close();
    for (const error of await Promise.all(running)) expect(error).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(manager.connections.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(descendantsOf(process.pid)).toEqual(children);
    await until('the server is left', () => server.sockets.size === 0);
    await until('no handle is left', () => openHandles().length <= before);
  });

  it('logs what a plugin throws on shutdown, and shuts down the others', async () => {
    const events: string[] = [];
    const logger = recordingLogger();
    const rude = definePlugin({ hooks: {}, shutdown: () => Promise.reject(new Error('not now')) });
    const polite = definePlugin({ hooks: {}, shutdown: () => void events.push('polite') });
    const manager = await start({
      kinds: { rude, polite },
      config: {
        plugins: [
          { name: 'R', kind: 'rude' },
          { name: 'P', kind: 'polite' },
        ],
      },
      logger,
    });
    await manager.close();
    expect(events).toEqual(['polite']);
    expect(logger.lines).toContainEqual({
      level: 'error',
      fields: expect.objectContaining({ plugin: 'R' }),
      message: 'plugin R did not shut down cleanly: not now',
    });
  });

  it('does not wait for a plugin that hangs longer than the shutdown time, warns of it, and shuts down the others', async () => {
    const events: string[] = [];
    const logger = recordingLogger();
    const before = openHandles().length;
    const stuck = definePlugin({ hooks: {}, shutdown: () => new Promise<void>(() => {}) });
    const polite = definePlugin({ hooks: {}, shutdown: () => void events.push('polite') });
    const plugins = [
      { name: 'S', kind: 'stuck' },
      { name: 'P', kind: 'polite' },
    ];
    const manager = await start({
      kinds: { stuck, polite },
      config: { plugins },
      logger,
      shutdownTimeoutMs: 50,
    });
    await manager.close();
    expect(events).toEqual(['polite']);
    expect(logger.lines).toContainEqual({
      level: 'warn',
      fields: { plugin: 'S' },
      message: 'plugin S did not shut down within 0.05 s; what it holds may be left open',
    });
    await until('no timer is left', () => openHandles().length <= before);
  });

  it('gives plugins ten seconds, by default', async () => {
    const clock = new ManualClock();
    const stuck = definePlugin({ hooks: {}, shutdown: () => new Promise<void>(() => {}) });
    const manager = await start({ kinds: { stuck }, config: { plugins: [{ name: 'S', kind: 'stuck' }] }, clock });
    let closed = false;
    const closing = manager.close().then(() => (closed = true));
    await clock.run(9_999);
    expect(closed).toBe(false);
    await clock.run(1);
    await closing;
  });

  it('is what `await using` does', async () => {
    const events: string[] = [];
    const polite = definePlugin({ hooks: {}, shutdown: () => void events.push('closed') });
    {
      await using manager = await start({ kinds: { polite }, config: { plugins: [{ name: 'P', kind: 'polite' }] } });
      expect(manager.pluginNames).toEqual(['P']);
    }
    expect(events).toEqual(['closed']);
  });
});

it('two managers live side by side, each with its own plugins, hooks and end', async () => {
  const named = definePlugin({ hooks: { tool_pre_invoke: (_, { plugin }) => ({ metadata: { by: plugin.name } }) } });
  const of = (name: string) => start({ kinds: { named }, config: { plugins: [{ name, kind: 'named', hooks }] } });
  const [one, two] = await Promise.all([of('one'), of('two')]);
  expect((await callTool(one, 't')).metadata).toEqual({ by: 'one' });
  await one.close();
  expect((await callTool(two, 't')).metadata).toEqual({ by: 'two' });
});
