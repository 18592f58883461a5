import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { callTool, external, start, stdio, untypedConfig } from '../fixtures/manager/managers.js';
import { Witnesses } from '../fixtures/manager/witness.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const entry = (name: string, more: object = {}) => ({ name, kind: 'witness', hooks: ['tool_pre_invoke'], ...more });

async function world(...plugins: object[]) {
  const witnesses = new Witnesses();
  const manager = await start({ kinds: { witness: witnesses.kind }, config: { plugins } });
  const ran = async () => (await callTool(manager, 't')).metadata;
  return { manager, events: witnesses.events, ran };
}

describe('setMode', () => {
  it('starts a plugin that was disabled, shuts one down that is to be, and restarts nothing else', async () => {
    const { manager, events, ran } = await world(entry('a'), entry('b', { mode: 'disabled' }));
    expect(await manager.setMode('b', 'enforce')).toMatchObject({ added: ['b'], unchanged: ['a'] });
    expect(await ran()).toEqual({ a: 'a1', b: 'b2' });
    expect(await manager.setMode('b', 'permissive')).toMatchObject({ changed: ['b'], unchanged: ['a'] });
    expect(manager.plugins[1]).toMatchObject({ name: 'b', mode: 'permissive', state: 'running.enabled' });
    expect(manager.configs[1]).toMatchObject({ mode: 'permissive' });
    expect(events).toEqual(['start a1', 'start b2']);
    expect(await manager.setMode('a', 'disabled')).toMatchObject({ removed: ['a'], unchanged: ['b'] });
    expect(await ran()).toEqual({ b: 'b2' });
    expect(manager.plugins[0]).toMatchObject({ name: 'a', mode: 'disabled', state: 'off' });
    expect(events).toEqual(['start a1', 'start b2', 'end a1']);
  });

  it('holds through reloads until the mode of the entry itself changes', async () => {
    const { manager } = await world(entry('a'), entry('b', { mode: 'enforce' }));
    const modes = () => manager.plugins.map(({ mode }) => mode);
    await manager.setMode('a', 'audit');
    await manager.setMode('b', 'audit');
    await manager.reload({ plugins: [entry('a', { priority: 3 }), entry('b', { mode: 'enforce', tags: ['x'] })] });
    expect(modes()).toEqual(['audit', 'audit']);
    await manager.reload({ plugins: [entry('a', { mode: 'permissive' }), entry('b', { mode: 'enforce' })] });
    expect(modes()).toEqual(['permissive', 'audit']);
    await manager.reload({ plugins: [entry('a'), entry('b', { mode: 'disabled' })] });
    expect(modes()).toEqual(['enforce', 'disabled']);
    // What ended does not come back.
    await manager.reload({ plugins: [entry('a'), entry('b', { mode: 'enforce' })] });
    expect(modes()).toEqual(['enforce', 'enforce']);
  });

  it('asks nothing of others that do not run: their servers may be down', async () => {
    const witnesses = new Witnesses();
    const [gone] = external(stdio({}, { cmd: ['/no/such/command'] })).plugins;
    const plugins = [entry('a'), { ...gone, name: 'gone' }, entry('b', { config: { broken: true } })];
    const config = { plugins, plugin_settings: { skip_unloadable_plugins: true } };
    const logger = recordingLogger();
    const manager = await start({ kinds: { witness: witnesses.kind }, config, logger });
    const before = manager.plugins.slice(1);
    expect(before.map(({ name, state }) => [name, state])).toEqual([
      ['gone', 'failed'],
      ['b', 'failed'],
    ]);
    logger.lines.splice(0);
    expect(await manager.setMode('a', 'permissive')).toMatchObject({ changed: ['a'], skipped: [] });
    expect(manager.plugins.slice(1)).toEqual(before);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
    // Of itself it asks all the more.
    expect(await manager.setMode('b', 'permissive')).toMatchObject({ unchanged: ['a'], skipped: ['b'] });
    expect(await manager.reload(untypedConfig(config))).toMatchObject({ skipped: ['gone', 'b'] });
  });

  it('is refused for a plugin that nobody configured, and for a mode that nobody knows', async () => {
    const { manager, ran } = await world(entry('a'));
    expect(await rejection(manager.setMode('b', 'audit'))).toMatchObject({
      code: 'PLUGIN_NOT_FOUND',
      message: 'Plugin b does not run: the configuration has none of that name.',
    });
    const set = manager.setMode.bind(manager) as (name: string, mode: string) => Promise<unknown>;
    expect(await rejection(set('a', 'enforced'))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^the mode of setMode is "enforced", expected one of enforce, /),
    });
    expect(await ran()).toEqual({ a: 'a1' });
  });
});

describe('a plugin that is disabled while the manager runs', () => {
  it('takes part in no chain until it is enabled, keeps its instance, and is reached by name', async () => {
    const { manager, events, ran } = await world(entry('a'), entry('b'));
    manager.disablePlugin('a');
    expect(await ran()).toEqual({ b: 'b2' });
    expect(manager.plugins[0]).toMatchObject({ name: 'a', state: 'running.disabled.held', error: undefined });
    const named = await manager.invokeHookForPlugin(
      'a',
      'tool_pre_invoke',
      { name: 't', args: {} },
      {
        globalContext: { requestId: '1' },
      },
    );
    expect(named.metadata).toEqual({ a: 'a1' });
    manager.enablePlugin('a');
    expect(await ran()).toEqual({ a: 'a1', b: 'b2' });
    expect(events).toEqual(['start a1', 'start b2']);
  });

  it('stays disabled through reloads, also where another instance takes its place', async () => {
    const { manager, ran } = await world(entry('a'), entry('b'));
    manager.disablePlugin('a');
    await manager.reload({ plugins: [entry('a', { priority: 4 }), entry('b')] });
    expect(await ran()).toEqual({ b: 'b2' });
    await manager.reload({ plugins: [entry('a', { config: { say: '!' } }), entry('b')] });
    expect(await ran()).toEqual({ b: 'b2' });
    manager.enablePlugin('a');
    expect(await ran()).toEqual({ a: 'a3!', b: 'b2' });
    manager.disablePlugin('a');
    await manager.reload({ plugins: [entry('b')] });
    await manager.reload({ plugins: [entry('a'), entry('b')] });
    expect(await ran()).toEqual({ a: 'a4', b: 'b2' });
  });

  it('must be one that runs', async () => {
    const { manager } = await world(entry('a', { mode: 'disabled' }));
    for (const [name, why] of [
      ['a', 'its mode is disabled'],
      ['b', 'the configuration has none of that name'],
    ] as const) {
      const error = expect.objectContaining({
        code: 'PLUGIN_NOT_FOUND',
        message: `Plugin ${name} does not run: ${why}.`,
      });
      expect(() => manager.disablePlugin(name)).toThrow(error);
      expect(() => manager.enablePlugin(name)).toThrow(error);
    }
  });
});

describe('a plugin whose errors disable it', () => {
  function faulty() {
    const state = { broken: true, runs: 0 };
    const kind = definePlugin({
      hooks: {
        tool_pre_invoke: () => {
          state.runs++;
          if (state.broken) throw new Error('no database');
          return { metadata: { faulty: state.runs } };
        },
        tool_post_invoke: () => ({ metadata: { faulty: 'post' } }),
      },
    });
    return { state, kind };
  }
  const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
  const config = (settings: object = {}) => ({
    plugins: [
      { name: 'f', kind: 'faulty', hooks, on_error: 'disable' },
      { name: 'a', kind: 'witness', hooks },
    ],
    plugin_settings: settings,
  });

  it('is left out of all its hooks from then on, keeps its instance through reloads, and comes back when it is enabled', async () => {
    const { state, kind } = faulty();
    const logger = recordingLogger();
    const kinds = { faulty: kind, witness: new Witnesses().kind };
    const manager = await start({ kinds, config: config(), logger });
    expect((await callTool(manager, 't')).metadata).toEqual({ a: 'a1' });
    expect(manager.plugins[0]).toMatchObject({
      state: 'running.disabled.held',
      error: { message: expect.stringContaining('no database') },
    });
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^plugin f is disabled, and takes part in no chain until it is enabled: .*no database/),
    ]);
    const post = await manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, { requestId: '1' });
    expect(post.metadata).toEqual({ a: 'a1' });
    await manager.reload(untypedConfig({ ...config(), plugin_settings: { plugin_timeout: 3 } }));
    await callTool(manager, 't');
    expect(state.runs).toBe(1);
    state.broken = false;
    manager.enablePlugin('f');
    expect((await callTool(manager, 't')).metadata).toEqual({ faulty: 2, a: 'a1' });
  });

  it('is tried by one invocation when its time is over, as the settings in force say', async () => {
    const { state, kind } = faulty();
    const clock = new ManualClock();
    const kinds = { faulty: kind, witness: new Witnesses().kind };
    const manager = await start({ kinds, config: config({ disabled_retry_after: 60 }), clock });
    await manager.reload(untypedConfig(config({ disabled_retry_after: 2 })));
    const ran = async () => 'faulty' in (await callTool(manager, 't')).metadata;
    expect([await ran(), manager.plugins[0]?.nextTimerInMs]).toEqual([false, 2000]);
    await clock.run(1999);
    expect([await ran(), state.runs]).toEqual([false, 1]);
    await clock.run(1);
    expect([await ran(), state.runs]).toEqual([false, 2]);
    state.broken = false;
    await clock.run(2000);
    expect([await ran(), await ran(), state.runs]).toEqual([true, true, 4]);
    expect([manager.plugins[0]?.state, clock.holding]).toEqual(['running.enabled', 0]);
  });

  it('is tried by the next invocation where the one that was to try it did not begin', async () => {
    const { state, kind } = faulty();
    const clock = new ManualClock();
    const kinds = { faulty: kind, witness: new Witnesses().kind };
    const manager = await start({ kinds, config: config({ disabled_retry_after: 1 }), clock });
    await callTool(manager, 't');
    state.broken = false;
    await clock.run(1000);
    const cancelled = await rejection(callTool(manager, 't', {}, { signal: AbortSignal.abort() }));
    expect([cancelled, manager.plugins[0]?.state]).toMatchObject([
      { code: 'INVOCATION_CANCELLED' },
      'running.disabled.rested',
    ]);
    // It is listened to once to see whether it is a signal, and refuses the second time.
    let listeners = 0;
    const addEventListener = (): void => {
      if (++listeners > 1) throw new Error('no more listeners');
    };
    const signal = { aborted: false, addEventListener, removeEventListener: () => undefined };
    const refused = await rejection(callTool(manager, 't', {}, { signal: signal as unknown as AbortSignal }));
    expect([refused, manager.plugins[0]?.state]).toMatchObject([
      { code: 'CONTEXT_INVALID' },
      'running.disabled.rested',
    ]);
    expect('faulty' in (await callTool(manager, 't')).metadata).toBe(true);
  });

  it('holds the process open neither while it cools down nor afterwards', async () => {
    const { kind } = faulty();
    const clock = new ManualClock();
    const kinds = { faulty: kind, witness: new Witnesses().kind };
    const manager = await start({ kinds, config: config({ disabled_retry_after: 1 }), clock });
    await callTool(manager, 't');
    expect([manager.plugins[0]?.state, clock.holding]).toEqual(['running.disabled.coolingDown', 0]);
    await clock.run(1000);
    expect([manager.plugins[0]?.state, clock.holding]).toEqual(['running.disabled.rested', 0]);
    await callTool(manager, 't');
    await manager.close();
    expect(clock.size).toBe(0);
  });

  it('starts enabled where another instance takes its place', async () => {
    const { kind } = faulty();
    const kinds = { faulty: kind, other: new Witnesses().kind, witness: new Witnesses().kind };
    const manager = await start({ kinds, config: config() });
    await callTool(manager, 't');
    const changed = { name: 'f', kind: 'other', hooks, on_error: 'disable' as const };
    expect(await manager.reload({ plugins: [changed] })).toMatchObject({ replaced: ['f'] });
    expect((await callTool(manager, 't')).metadata).toEqual({ f: 'f1' });
  });
});
