import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definePlugin, type ManagerOptions, type PluginInput, type PluginManager } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { deferred } from '../../src/time/deferred.js';
import { callTool, folderWith, start, untypedConfig } from '../fixtures/manager/managers.js';
import { Witnesses } from '../fixtures/manager/witness.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection, until } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];

function entry(name: string, more: object = {}): PluginInput {
  return { name, kind: 'witness', hooks, ...more };
}

async function world(plugins: readonly object[], more: Partial<ManagerOptions> & { settings?: object } = {}) {
  const witnesses = new Witnesses();
  const logger = recordingLogger();
  const { settings, ...options } = more;
  const config = { plugins, ...(settings && { plugin_settings: settings }) };
  const manager = await start({ kinds: { witness: witnesses.kind }, config, logger, ...options });
  return { manager, witnesses, logger, events: witnesses.events };
}

const ran = async (manager: PluginManager): Promise<unknown> => (await callTool(manager, 't')).metadata;
const nothing = { added: [], removed: [], replaced: [], changed: [], unchanged: [], skipped: [] };

describe('reload', () => {
  it('starts what is new, ends what is gone, and leaves the rest as it is', async () => {
    const { manager, events } = await world([entry('a'), entry('b'), entry('c', { config: { say: '!' } })]);
    events.splice(0);
    const report = await manager.reload({
      plugins: [entry('d'), entry('c', { config: { say: '?' } }), entry('a')],
    });
    expect(report).toEqual({
      ...nothing,
      added: ['d'],
      removed: ['b'],
      replaced: ['c'],
      unchanged: ['a'],
      settings: [],
      restartNeeded: [],
      warnings: [],
    });
    expect(Object.isFrozen(report) && Object.values(report).every(Object.isFrozen)).toBe(true);
    // The new ones have started before the old ones end.
    expect(events).toEqual(['start d4', 'start c5', 'end b2', 'end c3']);
    expect(await ran(manager)).toEqual({ d: 'd4', c: 'c5?', a: 'a1' });
    expect(manager.pluginNames).toEqual(['d', 'c', 'a']);
    await manager.close();
    expect(events.slice(4).sort()).toEqual(['end a1', 'end c5', 'end d4']);
  });

  it.each([
    ['priority', { priority: 1 }],
    ['mode', { mode: 'permissive' }],
    ['on_error', { on_error: 'ignore' }],
    ['timeout', { timeout: 5 }],
    ['conditions', { conditions: [{ tenant_ids: ['acme'] }] }],
    ['hooks', { hooks: ['tool_pre_invoke', 'tool_post_invoke'] }],
    ['tags', { tags: ['new'] }],
    ['description', { description: 'new' }],
    ['version', { version: '2' }],
  ])('restarts nothing for %s alone', async (_key, more) => {
    const { manager, events } = await world([entry('a'), entry('b')]);
    const report = await manager.reload({ plugins: [entry('a'), entry('b', more)] });
    expect(report).toMatchObject({ ...nothing, changed: ['b'], unchanged: ['a'] });
    expect(events).toEqual(['start a1', 'start b2']);
    expect(manager.configs[1]).toMatchObject({ name: 'b', written: more });
  });

  it('does what the new entry says though the instance is the old one', async () => {
    const { manager } = await world([entry('a'), entry('b')]);
    await manager.reload({ plugins: [entry('b', { priority: 1, conditions: [{ tools: ['t'] }] }), entry('a')] });
    expect(Object.keys((await callTool(manager, 't')).metadata)).toEqual(['b', 'a']);
    expect((await callTool(manager, 'other')).metadata).toEqual({ a: 'a1' });
    await manager.reload({ plugins: [entry('a', { hooks: ['tool_post_invoke'] })] });
    expect(manager.hasHooksFor('tool_pre_invoke')).toBe(false);
    expect(manager.hasHooksFor('tool_post_invoke')).toBe(true);
  });

  it('refuses hooks that the instance has no handler for, or nobody knows, and changes nothing', async () => {
    const { manager, events } = await world([entry('a')]);
    const [handled, known] = [['prompt_pre_fetch'], ['no_hook']].map((more) =>
      rejection(manager.reload({ plugins: [entry('a', { hooks: more }), entry('b')] })),
    );
    expect(await handled).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining('no handler') });
    expect(await known).toMatchObject({ code: 'HOOK_UNKNOWN' });
    expect([events, await ran(manager)]).toEqual([['start a1'], { a: 'a1' }]);
  });

  it('that finds an invalid configuration changes nothing and says what is wrong', async () => {
    const { manager, events, logger } = await world([entry('a')]);
    const error = await rejection(
      manager.reload(untypedConfig({ plugins: [entry('b'), { name: 'c', kind: 'witness', moode: 1 }] })),
    );
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('moode') });
    expect([events, manager.pluginNames]).toEqual([['start a1'], ['a']]);
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^nothing was reloaded, and what was in force stays: /),
    });
  });

  it('that cannot start a plugin shuts down what it has started, and the old configuration goes on', async () => {
    const { manager, events, witnesses } = await world([entry('a'), entry('b')]);
    const broken = entry('b', { config: { broken: true } });
    const error = await rejection(manager.reload({ plugins: [entry('c'), broken] }));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining('it is broken') });
    expect(events).toEqual(['start a1', 'start b2', 'start c3', 'end c3']);
    expect([...witnesses.alive]).toEqual(['a1', 'b2']);
    expect(await ran(manager)).toEqual({ a: 'a1', b: 'b2' });
    expect(manager.plugins.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'running.enabled'],
      ['b', 'running.enabled'],
    ]);
    // What could not be done is no obstacle to the next one.
    expect(await manager.reload({ plugins: [entry('b')] })).toMatchObject({ removed: ['a'], unchanged: ['b'] });
  });

  it('skips what cannot be loaded where the settings say so, but keeps nothing back that takes calls', async () => {
    const settings = { skip_unloadable_plugins: true };
    const { manager } = await world([entry('a'), entry('b', { config: { broken: true } })], { settings });
    expect(manager.plugins[1]).toMatchObject({ name: 'b', state: 'failed', error: { code: 'PLUGIN_LOAD_FAILED' } });
    const plugins = [entry('a'), entry('b', { config: { broken: true } }), entry('c', { config: { broken: true } })];
    const report = await manager.reload({ plugins, plugin_settings: settings });
    expect(report).toMatchObject({ ...nothing, unchanged: ['a'], skipped: ['b', 'c'] });
    const error = await rejection(
      manager.reload({ plugins: [entry('a', { config: { broken: true } })], plugin_settings: settings }),
    );
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
    expect(await ran(manager)).toEqual({ a: 'a1' });
    expect(await manager.reload({ plugins: [entry('a'), entry('b')] })).toMatchObject({ added: ['b'] });
  });

  it('lets invocations that run finish on the chain on which they began, and ends its plugins after them', async () => {
    const { manager, events, witnesses } = await world([entry('a'), entry('b')]);
    const running = callTool(manager, 't', { wait: true });
    const reloading = manager.reload({ plugins: [entry('b'), entry('c')] });
    await until('the new chain is in force', () => manager.pluginNames.includes('c'));
    expect(await ran(manager)).toEqual({ b: 'b2', c: 'c3' });
    expect(manager.plugins.map(({ name, state }) => [name, state])).toEqual([
      ['b', 'running.enabled'],
      ['c', 'running.enabled'],
      ['a', 'retiring'],
    ]);
    expect(events).not.toContain('end a1');
    witnesses.gate('calls').resolve();
    expect((await running).metadata).toEqual({ a: 'a1', b: 'b2' });
    await reloading;
    expect(events.at(-1)).toBe('end a1');
    expect(manager.plugins).toHaveLength(2);
  });

  it('waits for them no longer than the shutdown time', async () => {
    const clock = new ManualClock();
    const { manager, events, witnesses, logger } = await world([entry('a')], { clock, shutdownTimeoutMs: 1000 });
    const running = callTool(manager, 't', { wait: true });
    const reloading = manager.reload({ plugins: [] });
    await clock.run(999);
    expect(events).toEqual(['start a1']);
    await clock.run(1);
    await reloading;
    expect(events).toEqual(['start a1', 'end a1']);
    expect(logger.lines.map(({ message }) => message)).toContain(
      'plugin a still has calls after 1 s, and is shut down all the same',
    );
    witnesses.gate('calls').resolve();
    expect((await running).metadata).toEqual({ a: 'a1' });
    await manager.close();
    expect(clock.size).toBe(0);
  });

  it('cancels those that have yet to come to a plugin when it is shut down', async () => {
    const clock = new ManualClock();
    const { manager, events } = await world([entry('a'), entry('b')], { clock, shutdownTimeoutMs: 1000 });
    const running = rejection(callTool(manager, 't', { wait: true }));
    const reloading = manager.reload({ plugins: [entry('a')] });
    await clock.run(999);
    expect(events).not.toContain('end b2');
    await clock.run(1);
    expect(await running).toMatchObject({
      code: 'PLUGIN_RETIRED',
      message: 'Plugin b was taken out of the chains and is shut down before tool_pre_invoke came to it.',
      details: { plugin: 'b', hook: 'tool_pre_invoke' },
    });
    await reloading;
    expect(events.at(-1)).toBe('end b2');
    expect(await ran(manager)).toEqual({ a: 'a1' });
  });

  it('lets those finish that have no plugin before them that is shut down', async () => {
    const clock = new ManualClock();
    const { manager, witnesses } = await world([entry('a'), entry('b')], { clock, shutdownTimeoutMs: 1000 });
    const running = callTool(manager, 't', { wait: true });
    const reloading = manager.reload({ plugins: [entry('b')] });
    await clock.run(1000);
    await reloading;
    witnesses.gate('calls').resolve();
    expect((await running).metadata).toEqual({ a: 'a1', b: 'b2' });
  });

  describe('with work in the background', () => {
    async function background() {
      const clock = new ManualClock();
      const events: string[] = [];
      const work = deferred();
      const logs = definePlugin({
        hooks: {
          tool_pre_invoke: async (_, { signal }) => {
            signal.addEventListener('abort', () => events.push('aborted'));
            await work.promise;
            events.push('done');
          },
        },
        shutdown: () => void events.push('ended'),
      });
      const config = { plugins: [{ name: 'L', kind: 'logs', hooks, mode: 'fire_and_forget' }] };
      const manager = await start({ kinds: { logs }, config, clock, shutdownTimeoutMs: 1000 });
      const outcome = await callTool(manager, 't');
      const reloading = manager.reload({ plugins: [] });
      await clock.run(500);
      expect(events).toEqual([]);
      return { clock, events, work, reloading, reports: outcome.background, manager };
    }

    it('lets the plugins that go finish it', async () => {
      const { clock, events, work, reloading, reports } = await background();
      work.resolve();
      await clock.run(0);
      await reloading;
      expect(events).toEqual(['done', 'ended']);
      expect(await reports).toMatchObject([{ plugin: 'L', status: 'completed' }]);
    });

    it('aborts it when their time is over', async () => {
      const { clock, events, reloading, reports, manager } = await background();
      await clock.run(500);
      await reloading;
      expect(events).toEqual(['aborted', 'ended']);
      expect(await reports).toMatchObject([{ plugin: 'L', status: 'aborted' }]);
      await manager.close();
      expect(clock.size).toBe(0);
    });
  });

  it('waits for the calls of all earlier chains that the plugin was on', async () => {
    const { manager, events, witnesses } = await world([entry('a')]);
    const running = callTool(manager, 't', { wait: true });
    await manager.reload({ plugins: [entry('a'), entry('b')] });
    const reloading = manager.reload({ plugins: [entry('b')] });
    await until('a is in no chain', () => !manager.pluginNames.includes('a'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).not.toContain('end a1');
    witnesses.gate('calls').resolve();
    await Promise.all([reloading, running]);
    expect(events.at(-1)).toBe('end a1');
  });

  it('asked for twice, the second waits, and sees what the first has done', async () => {
    const { manager, events, witnesses } = await world([entry('a')]);
    const first = manager.reload({ plugins: [entry('a'), entry('b', { config: { slow: 'b' } })] });
    const second = manager.reload({ plugins: [entry('b', { config: { slow: 'b' } }), entry('c')] });
    await until('the first has begun', () => witnesses.events.length > 0);
    expect(events).toEqual(['start a1']);
    witnesses.gate('b').resolve();
    expect(await first).toMatchObject({ added: ['b'], unchanged: ['a'] });
    expect(await second).toMatchObject({ added: ['c'], unchanged: ['b'], removed: ['a'] });
    expect(events).toEqual(['start a1', 'start b2', 'start c3', 'end a1']);
  });

  it('that changes settings alone makes new chains of the same instances', async () => {
    const { manager, events } = await world([entry('a')], { settings: { max_payload_size: 1_000_000 } });
    const report = await manager.reload({ plugins: [entry('a')], plugin_settings: { max_payload_size: 10 } });
    expect(report).toMatchObject({ ...nothing, unchanged: ['a'], settings: ['maxPayloadSize'] });
    expect(events).toEqual(['start a1']);
    expect(await rejection(callTool(manager, 'a name that is too long'))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('says which sections have no effect until the process is started again, and what has none at all', async () => {
    const { manager, logger } = await world([entry('a')]);
    const report = await manager.reload({
      plugins: [entry('a'), entry('b', { hooks: [] })],
      server_settings: { port: 1 },
      unix_socket_server_settings: { path: '/tmp/x' },
    });
    expect(report.restartNeeded).toEqual(['server_settings', 'unix_socket_server_settings']);
    expect(report.warnings).toMatchObject([{ path: 'plugins[1]', severity: 'warning' }]);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('says so of a section that only tells more, or less, of the configurations', async () => {
    const { manager } = await world([entry('a')]);
    const section = (expose: boolean) => ({
      plugins: [entry('a')],
      unix_socket_server_settings: { expose_config: expose },
    });
    await manager.reload(section(true));
    expect(await manager.reload(section(false))).toMatchObject({ restartNeeded: ['unix_socket_server_settings'] });
  });

  it('keeps a plugin that writes to its own configuration, which nobody else sees', async () => {
    const counter = {
      create: ({ config }: { readonly config: Record<string, unknown> }) => ({
        handler: () => () => {
          config['calls'] = Number(config['calls'] ?? 0) + 1;
          return { metadata: { calls: config['calls'] } };
        },
      }),
    };
    const config = { plugins: [{ name: 'c', kind: 'counter', hooks, config: { limit: 3 } }] };
    const manager = await start({ kinds: { counter }, config });
    await callTool(manager, 't');
    expect(await manager.reload(config)).toMatchObject({ ...nothing, unchanged: ['c'] });
    expect(await ran(manager)).toEqual({ calls: 2 });
    await manager.setMode('c', 'disabled');
    await manager.setMode('c', 'enforce');
    expect(await ran(manager)).toEqual({ calls: 1 });
  });

  it('gives up what a plugin that goes does in the background, and nothing of others', async () => {
    const clock = new ManualClock();
    const gates = new Map<string, () => void>();
    const slow = definePlugin({
      hooks: {
        tool_pre_invoke: (_payload, { plugin }) =>
          new Promise<undefined>((resolve) => gates.set(plugin.name, () => resolve(undefined))),
      },
    });
    const afterwards = (name: string) => ({ name, kind: 'slow', hooks, mode: 'fire_and_forget' as const });
    const all = ['a', 'b', 'c', 'd'].map(afterwards);
    // Two at a time: c and d have not begun when time is up.
    const config = { plugins: all, plugin_settings: { execution_pool: 2 } };
    const manager = await start({ kinds: { slow }, clock, shutdownTimeoutMs: 1000, config });
    const { background } = await callTool(manager, 't');
    await clock.run(0);
    const reloading = manager.reload({ ...config, plugins: [afterwards('b'), afterwards('d')] });
    await clock.run(1000);
    expect(await reloading).toMatchObject({ removed: ['a', 'c'], unchanged: ['b', 'd'] });
    for (const name of ['b', 'd']) {
      gates.get(name)?.();
      await clock.run(0);
    }
    expect((await background)?.map(({ plugin, status }) => [plugin, status])).toEqual([
      ['a', 'aborted'],
      ['b', 'completed'],
      ['c', 'aborted'],
      ['d', 'completed'],
    ]);
    expect(gates.has('c')).toBe(false);
  });

  it('leaves a plugin that was shut down out of the background of a call that was longer under way', async () => {
    const clock = new ManualClock();
    const { manager, witnesses } = await world([entry('a'), entry('b', { mode: 'fire_and_forget' })], {
      clock,
      shutdownTimeoutMs: 1000,
    });
    const running = callTool(manager, 't', { wait: true });
    const reloading = manager.reload({ plugins: [entry('a')] });
    await clock.run(1000);
    await reloading;
    witnesses.gate('calls').resolve();
    const { metadata, background } = await running;
    expect(metadata).toEqual({ a: 'a1' });
    expect(await background).toMatchObject([{ plugin: 'b', status: 'aborted' }]);
    await manager.close();
    expect(clock.size).toBe(0);
  });

  it('keeps the notes of plugins that stay: what one left at the first hook it finds at the second', async () => {
    const { manager } = await world([entry('a', { hooks: ['tool_pre_invoke', 'tool_post_invoke'] })]);
    const context = { requestId: 'r' };
    const before = await manager.invokeHook('tool_pre_invoke', { name: 't', args: {} }, context);
    const [local] = [before.contexts];
    await manager.reload({ plugins: [entry('a', { hooks: ['tool_pre_invoke', 'tool_post_invoke'], priority: 7 })] });
    const after = await manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, context, {
      contexts: local,
    });
    expect(after.metadata).toEqual({ a: 'a1' });
    expect(after.contexts).toBe(local);
  });
});

describe('the file of a configuration', () => {
  const yaml = (...names: string[]) =>
    `plugins: [${names.map((name) => `{ name: ${name}, kind: witness, hooks: [tool_pre_invoke] }`).join(', ')}]\n`;

  it('is read again where nothing else is given, as a template over the same environment', async () => {
    const witnesses = new Witnesses();
    const folder = folderWith({ 'plugins.yaml': yaml('a', '{{ env.OTHER }}') });
    const config = join(folder, 'plugins.yaml');
    const env = { OTHER: 'b' };
    const manager = await start({ kinds: { witness: witnesses.kind }, config, env });
    env.OTHER = 'c';
    expect(await manager.reload()).toMatchObject({ added: ['c'], removed: ['b'], unchanged: ['a'] });
    writeFileSync(config, yaml('b'));
    expect(await manager.reload()).toMatchObject({ added: ['b'], removed: ['a', 'c'] });
    const other = join(folderWith({ 'other.yaml': yaml('b', 'd') }), 'other.yaml');
    expect(await manager.reload(other)).toMatchObject({ added: ['d'], unchanged: ['b'] });
    writeFileSync(other, 'plugins: [');
    expect(await rejection(manager.reload())).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(manager.pluginNames).toEqual(['b', 'd']);
  });

  it('is needed where nothing else is given', async () => {
    const { manager } = await world([entry('a')]);
    expect(await rejection(manager.reload())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'the configuration in force comes from no file; give reload another one.',
    });
  });

  it('in another folder starts those plugins anew whose modules are looked up there', async () => {
    const module = `export const M = { create: () => ({ handler: () => () => ({ metadata: { from: import.meta.url } }) }) };`;
    const text = `plugins: [{ name: M, kind: ./m.mjs#M, hooks: [tool_pre_invoke] }, { name: a, kind: witness, hooks: [tool_pre_invoke] }]`;
    const [one, other] = [1, 2].map(() => folderWith({ 'm.mjs': module, 'plugins.yaml': text }));
    const manager = await start({ kinds: { witness: new Witnesses().kind }, config: join(`${one}`, 'plugins.yaml') });
    const report = await manager.reload(join(`${other}`, 'plugins.yaml'));
    expect(report).toMatchObject({ replaced: ['M'], unchanged: ['a'] });
    expect((await callTool(manager, 't')).metadata['from']).toContain(other);
  });
});

describe('close', () => {
  it('during a reload wins: everything ends, and the reloads are refused', async () => {
    const clock = new ManualClock();
    const { manager, witnesses, events } = await world([entry('a')], { clock });
    const reloads = [
      rejection(manager.reload({ plugins: [entry('b', { config: { slow: 'b' } }), entry('c')] })),
      rejection(manager.reload({ plugins: [] })),
    ];
    await until('c has started', () => witnesses.alive.has('c3'));
    const closing = manager.close();
    for (const reload of reloads) expect(await reload).toMatchObject({ code: 'MANAGER_CLOSED' });
    witnesses.gate('b').resolve();
    await closing;
    await until('what was late is gone', () => witnesses.alive.size === 0);
    expect(events).toContain('end b2');
    expect(clock.size).toBe(0);
    expect(await rejection(manager.reload({ plugins: [] }))).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(await rejection(manager.setMode('a', 'audit'))).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(() => manager.disablePlugin('a')).toThrow(expect.objectContaining({ code: 'MANAGER_CLOSED' }));
  });

  it('while the old plugins end does not wait for their calls', async () => {
    const { manager, events } = await world([entry('a')]);
    const running = rejection(callTool(manager, 't', { wait: true }));
    const reload = rejection(manager.reload({ plugins: [] }));
    await until('a is in no chain', () => manager.pluginNames.length === 0);
    await manager.close();
    expect(await reload).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(await running).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(events).toEqual(['start a1', 'end a1']);
  });

  it('lets running invocations finish where it is told how long, and refuses new ones', async () => {
    const { manager, witnesses, events } = await world([entry('a')]);
    const running = callTool(manager, 't', { wait: true });
    const closing = manager.close({ drainMs: 60_000 });
    expect(await rejection(callTool(manager, 't'))).toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(events).toEqual(['start a1']);
    witnesses.gate('calls').resolve();
    expect((await running).metadata).toEqual({ a: 'a1' });
    await closing;
    expect(events).toEqual(['start a1', 'end a1']);
  });

  it('cancels them when that time is over', async () => {
    const clock = new ManualClock();
    const { manager } = await world([entry('a')], { clock });
    const running = rejection(callTool(manager, 't', { wait: true }));
    const closing = manager.close({ drainMs: 500 });
    await clock.run(500);
    expect(await running).toMatchObject({ code: 'MANAGER_CLOSED' });
    await closing;
    expect(clock.size).toBe(0);
  });

  it.each([
    [{ drainMs: -1 }, 'options.drainMs: expected milliseconds, 0 or more, found -1'],
    [{ drain: 1 }, 'close has no option drain; did you mean drainMs?'],
  ])('refuses %j, and closes nothing', async (options: object, message) => {
    const { manager } = await world([entry('a')]);
    expect(await rejection(manager.close(options))).toMatchObject({ code: 'CONFIG_INVALID', message });
    expect(await ran(manager)).toEqual({ a: 'a1' });
  });
});
