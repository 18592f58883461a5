import { describe, expect, it } from 'vitest';
import { definePlugin, type HookOutcome, type PluginContext, PluginError } from '../../src/index.js';
import type { OnError, PluginModeName } from '../../src/config/sections/plugin-modes.js';
import { createManager } from '../../src/manager/create-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';

type Act = (payload: { name: string; args?: Record<string, unknown> }, context: PluginContext) => unknown;

interface Entry {
  readonly name: string;
  readonly mode: PluginModeName;
  readonly priority?: number;
  readonly on_error?: OnError;
  readonly act: Act;
}

const clock = new ManualClock();
const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(() => resolve(), ms));

async function chain(plugins: readonly Entry[], settings: object = {}) {
  const logger = new RecordingLogger();
  const manager = await createManager({
    config: {
      plugins: plugins.map(({ act: _, ...entry }) => ({ ...entry, kind: entry.name, hooks: ['tool_pre_invoke'] })),
      plugin_settings: { plugin_timeout: 0.1, ...settings },
    },
    kinds: Object.fromEntries(
      plugins.map(({ name, act }) => [name, definePlugin({ hooks: { tool_pre_invoke: act as never } })]),
    ),
    clock,
    shutdownTimeoutMs: 500,
    logger,
    env: {},
  });
  const context = { requestId: '1', state: {} as Record<string, unknown> };
  const invoke = (options = {}): Promise<HookOutcome> =>
    manager.invokeHook('tool_pre_invoke', { name: 't' }, context, options);
  return { manager, logger, context, invoke };
}

/** Lets time pass, a step at a time, until a promise settles; says how long that took. */
async function timed<T>(promise: Promise<T>): Promise<{ value?: T; error?: unknown; ms: number }> {
  let ended: { value?: T; error?: unknown } | undefined;
  void promise.then(
    (value) => (ended = { value }),
    (error: unknown) => (ended = { error }),
  );
  for (let ms = 0; ; ms++) {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    if (ended !== undefined) return { ...ended, ms };
    if (ms > 5_000) throw new Error('never settles');
    clock.advance(1);
  }
}

const block = { continueProcessing: false, violation: { reason: 'no', description: 'no', code: 'NO' } };

describe('phases', () => {
  it('a gate judges what a transform of a later priority has made', async () => {
    const { invoke, manager } = await chain([
      { name: 'Gate', mode: 'concurrent', priority: 10, act: ({ name }) => (name === 'evil' ? block : undefined) },
      { name: 'Change', mode: 'transform', priority: 50, act: () => ({ modifiedPayload: { name: 'evil' } }) },
    ]);
    expect(await invoke()).toMatchObject({ continueProcessing: false, decision: 'deny', violation: { code: 'NO' } });
    await manager.close();
  });

  it('a gate is waited for whatever a plugin says that was given up before', async () => {
    const { invoke, manager } = await chain([
      {
        name: 'Late',
        mode: 'sequential',
        on_error: 'ignore',
        act: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('told')));
          }),
      },
      { name: 'Gate', mode: 'concurrent', act: () => wait(10).then(() => block) },
    ]);
    const { value, ms } = await timed(invoke());
    expect(value).toMatchObject({ continueProcessing: false, violation: { code: 'NO' } });
    expect(ms).toBe(110);
    await manager.close();
  });

  it('run in their order, whatever the priorities', async () => {
    const ran: string[] = [];
    const modes = ['fire_and_forget', 'concurrent', 'audit', 'transform', 'sequential', 'permissive'] as const;
    const { invoke, manager } = await chain(
      modes.map((mode, priority) => ({ name: mode, mode, priority, act: () => void ran.push(mode) })),
    );
    const outcome = await invoke();
    expect(await outcome.background).toEqual([
      { plugin: 'fire_and_forget', status: 'completed', durationMs: expect.any(Number) },
    ]);
    expect(ran).toEqual(['sequential', 'permissive', 'transform', 'audit', 'concurrent', 'fire_and_forget']);
    await manager.close();
  });
});

describe('plugins side by side', () => {
  it('take as long as the slowest', async () => {
    const slow = (name: string): Entry => ({ name, mode: 'concurrent', act: () => wait(50) });
    const { invoke, manager } = await chain(['A', 'B', 'C', 'D'].map(slow));
    expect(await timed(invoke())).toMatchObject({ ms: 50, value: { continueProcessing: true } });
    await manager.close();
  });

  it('run no more at once than the pool has room for, and their deadlines begin when they do', async () => {
    const slow = (name: string): Entry => ({ name, mode: 'concurrent', act: () => wait(60) });
    const { invoke, manager } = await chain(['A', 'B', 'C', 'D'].map(slow), { execution_pool: 2 });
    expect(await timed(invoke())).toMatchObject({ ms: 120, value: { continueProcessing: true } });
    await manager.close();
  });

  it('the first to stop decides, and the others are told', async () => {
    let reason: unknown;
    const { invoke, manager } = await chain([
      {
        name: 'Slow',
        mode: 'concurrent',
        act: (_, { signal }) => {
          signal.addEventListener('abort', () => (reason = signal.reason));
          return wait(90);
        },
      },
      { name: 'Quick', mode: 'concurrent', act: () => wait(20).then(() => block) },
    ]);
    expect(await timed(invoke())).toMatchObject({ ms: 20, value: { continueProcessing: false } });
    expect(reason).toMatchObject({ code: 'INVOCATION_CANCELLED' });
    await manager.close();
  });

  it('merge in the order of the chain, whoever was quicker', async () => {
    const writer = (name: string, ms: number): Entry => ({
      name,
      mode: 'concurrent',
      act: async (_, { globalContext }) => {
        await wait(ms);
        (globalContext.state ??= {})['last'] = name;
        return { metadata: { last: name, [name]: true } };
      },
    });
    const { invoke, manager, context } = await chain([writer('A', 40), writer('B', 10)]);
    const { value } = await timed(invoke());
    expect(value?.metadata).toEqual({ last: 'B', A: true, B: true });
    expect(context.state).toEqual({ last: 'B' });
    await manager.close();
  });

  it('an error that is raised ends the chain at once, with nothing merged', async () => {
    const { invoke, manager, context } = await chain([
      {
        name: 'Writes',
        mode: 'concurrent',
        act: (_, { globalContext }) => void ((globalContext.state ??= {})['written'] = true),
      },
      { name: 'Fails', mode: 'concurrent', act: () => wait(5).then(() => Promise.reject(new Error('boom'))) },
      { name: 'Slow', mode: 'concurrent', act: () => wait(90) },
    ]);
    const { error, ms } = await timed(invoke());
    expect(error).toBeInstanceOf(PluginError);
    expect(ms).toBe(5);
    expect(context.state).toEqual({});
    await manager.close();
  });
});

describe('plugins in the background', () => {
  it('let nobody wait, and run behind a block too, on what the blocker saw', async () => {
    const seen: unknown[] = [];
    const { invoke, manager } = await chain([
      { name: 'Change', mode: 'sequential', act: () => ({ modifiedPayload: { name: 'changed' } }) },
      { name: 'Block', mode: 'sequential', act: () => ({ ...block, modifiedPayload: { name: 'dropped' } }) },
      {
        name: 'Log',
        mode: 'fire_and_forget',
        act: ({ name }) => wait(50).then(() => void seen.push(name)),
      },
    ]);
    const { value, ms } = await timed(invoke());
    expect({ ms, seen }).toEqual({ ms: 0, seen: [] });
    expect(value).toMatchObject({ continueProcessing: false, modifiedPayload: { name: 'changed' } });
    const reports = await timed(value?.background ?? Promise.reject(new Error('none')));
    expect(reports.value).toEqual([{ plugin: 'Log', status: 'completed', durationMs: 50 }]);
    expect(seen).toEqual(['changed']);
    await manager.close();
  });

  it('run where the block is thrown, and not where an error is', async () => {
    let ran = 0;
    const log: Entry = { name: 'Log', mode: 'fire_and_forget', act: () => void ran++ };
    const blocked = await chain([{ name: 'Block', mode: 'sequential', act: () => block }, log]);
    await expect(blocked.invoke({ violationsAsExceptions: true })).rejects.toMatchObject({ code: 'PLUGIN_VIOLATION' });
    expect(ran).toBe(1);
    const failed = await chain([
      { name: 'Fail', mode: 'sequential', act: () => Promise.reject(new Error('boom')) },
      log,
    ]);
    await expect(failed.invoke()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(ran).toBe(1);
    await Promise.all([blocked.manager.close(), failed.manager.close()]);
  });

  it('what they answer and note is taken by nobody, and what they throw is told', async () => {
    const { invoke, manager, context, logger } = await chain([
      {
        name: 'Log',
        mode: 'fire_and_forget',
        act: (_, { globalContext }) => {
          (globalContext.state ??= {})['written'] = true;
          return { ...block, metadata: { a: 1 } };
        },
      },
      { name: 'Fail', mode: 'fire_and_forget', act: () => Promise.reject(new Error('boom')) },
    ]);
    const outcome = await invoke();
    expect(await outcome.background).toMatchObject([
      { plugin: 'Log', status: 'completed' },
      { plugin: 'Fail', status: 'failed', error: { code: 'PLUGIN_FAILED', message: 'Plugin Fail: boom' } },
    ]);
    expect(outcome).toMatchObject({ continueProcessing: true, metadata: {} });
    expect(context.state).toEqual({});
    expect(logger.lines('error')).toEqual(['plugin Fail failed in the background']);
    await manager.close();
  });

  it('are waited for when the manager closes, and given up after that', async () => {
    let aborted = false;
    const { invoke, manager } = await chain(
      [
        { name: 'Ends', mode: 'fire_and_forget', act: () => wait(50) },
        {
          name: 'Hangs',
          mode: 'fire_and_forget',
          act: (_, { signal }) => {
            signal.addEventListener('abort', () => (aborted = true));
            return wait(10_000);
          },
        },
      ],
      { plugin_timeout: 100 },
    );
    const { background } = await invoke();
    const closed = await timed(manager.close().then(() => background));
    expect(closed.value).toMatchObject([{ status: 'completed' }, { status: 'aborted' }]);
    expect(aborted).toBe(true);
  });
});

describe('on_error', () => {
  it.each([
    ['sequential', undefined, 'PLUGIN_FAILED'],
    ['sequential', 'ignore', undefined],
    ['sequential', 'disable', undefined],
    ['transform', undefined, 'PLUGIN_FAILED'],
    ['audit', undefined, undefined],
    ['audit', 'fail', 'PLUGIN_FAILED'],
    ['permissive', 'fail', 'PLUGIN_FAILED'],
    ['concurrent', undefined, 'PLUGIN_FAILED'],
    ['concurrent', 'ignore', undefined],
    ['enforce_ignore_error', 'fail', 'PLUGIN_FAILED'],
  ] as const)('in mode %s, %s', async (mode, on_error, code) => {
    const { invoke, manager } = await chain([
      { name: 'Fail', mode, ...(on_error && { on_error }), act: () => Promise.reject(new Error('boom')) },
    ]);
    if (code === undefined) expect(await invoke()).toMatchObject({ continueProcessing: true });
    else await expect(invoke()).rejects.toMatchObject({ code });
    await manager.close();
  });
});

it('the words of 1.0.0 mean what cpex reads them as where the settings say so', async () => {
  const fails: Entry = { name: 'Fail', mode: 'permissive', act: () => Promise.reject(new Error('boom')) };
  const ours = await chain([fails]);
  expect(await ours.invoke()).toMatchObject({ continueProcessing: true });
  const theirs = await chain([fails], { mode_dialect: 'cpex' });
  await expect(theirs.invoke()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  await Promise.all([ours.manager.close(), theirs.manager.close()]);
});
