import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineHook, definePlugin, type HookTypes, type PluginOverride } from '../../src/index.js';
import { PoolEntry } from '../../src/manager/pool/manager-pool-entry.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { type Deferred, deferred } from '../../src/time/deferred.js';
import { rejection, until } from '../fixtures/waiting.js';
import { folderWith, untypedConfig } from '../fixtures/manager/managers.js';
import { call, counter, counting, request, startPool } from '../fixtures/manager/pools.js';

const kinds = { counter };
const metadataOf = async (called: ReturnType<typeof call>) =>
  (await called).metadata['Counter'] ?? (await called).metadata;

it('gives each key a manager with its own overrides and its own state', async () => {
  const overrides: Record<string, PluginOverride[]> = { strict: [{ name: 'Counter', config: { deny: 'rm' } }] };
  const pool = await startPool({ base: counting, kinds, overridesFor: (key) => overrides[key] });
  expect(await call(pool, 'strict', 'rm')).toMatchObject({ continueProcessing: false, violation: { code: 'DENIED' } });
  expect(await call(pool, 'lax', 'rm')).toMatchObject({ continueProcessing: true });
  // Its second call, and the first of the other; what is not overridden stays.
  expect(await metadataOf(call(pool, 'strict'))).toMatchObject({ calls: 2, config: { deny: 'rm', list: [1] } });
  expect(await metadataOf(call(pool, 'lax'))).toMatchObject({ calls: 2, config: { deny: 'nothing', list: [1] } });
  expect(await metadataOf(call(pool, 'third'))).toMatchObject({ calls: 1 });
  expect(pool.size).toBe(3);
});

it('asks and builds once for a hundred who ask at the same time', async () => {
  let asked = 0;
  let initialised = 0;
  const slow = definePlugin({
    hooks: { tool_pre_invoke: () => undefined },
    initialize: () => {
      initialised++;
      return new Promise((resolve) => setTimeout(resolve, 20));
    },
  });
  const base = { plugins: [{ name: 'Slow', kind: 'slow', hooks: ['tool_pre_invoke'] }] };
  const pool = await startPool({
    base,
    kinds: { slow },
    overridesFor: async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return [];
    },
  });
  await Promise.all(Array.from({ length: 100 }, () => call(pool, 'a')));
  expect([asked, initialised, pool.size]).toEqual([1, 1, 1]);
});

it('looks for room a number of times that grows with those who wait, and not with its square', async () => {
  const looks = vi.spyOn(PoolEntry.prototype, 'hasRoom', 'get');
  const perKey = async (keys: number): Promise<number> => {
    const pool = await startPool({ base: counting, kinds, max: 4, overridesFor: () => undefined });
    looks.mockClear();
    await Promise.all(Array.from({ length: keys }, (_, index) => call(pool, `${index}`)));
    return looks.mock.calls.length / keys;
  };
  // Each look goes over all keys: three times as many are looked at three times as often for each.
  const [few, many] = [await perKey(20), await perKey(60)];
  looks.mockRestore();
  expect(many / few).toBeLessThan(4);
});

it('asks again after the time to live, and keeps a manager whose overrides are the same', async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  let priority = 1;
  const pool = await startPool({
    base: counting,
    kinds,
    clock,
    ttlMs: 1000,
    overridesFor: (key) => {
      asked.push(key);
      return [{ name: 'Counter', priority }];
    },
  });
  expect(await metadataOf(call(pool, 'a'))).toMatchObject({ calls: 1 });
  await clock.run(999);
  expect(await metadataOf(call(pool, 'a'))).toMatchObject({ calls: 2 });
  expect(asked).toEqual(['a']);
  await clock.run(1);
  expect(pool.statuses()).toMatchObject([{ key: 'a', state: 'stale' }]);
  expect(await metadataOf(call(pool, 'a'))).toMatchObject({ calls: 3 });
  expect(asked).toEqual(['a', 'a']);
  priority = 2;
  await clock.run(1000);
  expect(await metadataOf(call(pool, 'a'))).toMatchObject({ calls: 1 });
  expect((await pool.get('a')).configs).toMatchObject([{ priority: 2 }]);
});

it('lets what runs on a manager finish before it is closed, and gives others the next one meanwhile', async () => {
  const entered = deferred();
  const go = deferred();
  const events: string[] = [];
  const held = definePlugin({
    hooks: {
      async tool_pre_invoke(payload) {
        if (payload.name !== 'hold') return;
        entered.resolve();
        await go.promise;
        events.push('answered');
      },
    },
    shutdown: ({ entry }) => void events.push(`shut down ${entry.priority}`),
  });
  let priority = 1;
  const pool = await startPool({
    base: { plugins: [{ name: 'Held', kind: 'held', hooks: ['tool_pre_invoke'] }] },
    kinds: { held },
    overridesFor: () => [{ name: 'Held', priority }],
  });
  const holding = call(pool, 'a', 'hold');
  await entered.promise;
  priority = 2;
  pool.invalidate('a');
  await call(pool, 'a');
  expect(pool.statuses()).toMatchObject([
    { key: 'a', state: 'ready', uses: 0 },
    { key: 'a', state: 'draining', uses: 1 },
  ]);
  expect(events).toEqual([]);
  go.resolve();
  expect(await holding).toMatchObject({ continueProcessing: true });
  await pool.close();
  expect(events).toEqual(['answered', 'shut down 1', 'shut down 2']);
});

it('holds a manager for who uses it, also between two hooks', async () => {
  let priority = 1;
  const pool = await startPool({
    base: counting,
    kinds,
    overridesFor: () => [{ name: 'Counter', priority }],
  });
  await pool.use('a', async (manager) => {
    await manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, request());
    priority = 2;
    pool.invalidateAll();
    await call(pool, 'a');
    const { metadata } = await manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, request());
    expect(metadata).toMatchObject({ calls: 2 });
    expect(manager.configs).toMatchObject([{ priority: 1 }]);
    expect(manager.hasHooksFor('tool_pre_invoke')).toBe(true);
    expect(manager.pluginNames).toEqual(['Counter']);
    expect(manager.connections).toEqual([]);
  });
  await expect(pool.use('a', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  await until('the manager that was replaced is gone', () => pool.statuses().length === 1);
  expect(pool.statuses()).toMatchObject([{ state: 'ready', uses: 0 }]);
});

it('closes a manager that is used for too long, and says so', async () => {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  let priority = 1;
  const pool = await startPool({
    base: counting,
    kinds,
    clock,
    logger,
    drainMs: 500,
    overridesFor: () => [{ name: 'Counter', priority }],
  });
  await pool.use('a', async (manager) => {
    priority = 2;
    pool.invalidate('a');
    await call(pool, 'a');
    await clock.run(499);
    await manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, request());
    expect(pool.statuses()[1]).toMatchObject({ state: 'draining', nextTimerInMs: 1 });
    await clock.run(1);
    const late = manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, request());
    await expect(late).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  });
  expect(logger.entries.map(({ message }) => message)).toContainEqual(expect.stringContaining('while it is in use'));
});

it('retires the one that was not asked for the longest where there is no room, first of those that nobody uses', async () => {
  const shutDown: unknown[] = [];
  const plugin = definePlugin({
    hooks: { tool_pre_invoke: () => undefined },
    shutdown: ({ config }) => void shutDown.push(config['key']),
  });
  const pool = await startPool({
    base: { plugins: [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'] }] },
    kinds: { p: plugin },
    max: 2,
    overridesFor: (key) => [{ name: 'P', config: { key } }],
  });
  await pool.use('a', async (manager) => {
    await call(pool, 'b');
    await call(pool, 'c');
    // It was asked for before the others, but is in use.
    expect(shutDown).toEqual(['b']);
    await pool.use('c', async () => {
      await call(pool, 'd');
      // Nobody is turned away because all are in use.
      expect(pool.statuses().map(({ key, state }) => `${key} ${state}`)).toEqual(['c ready', 'd ready', 'a draining']);
      await manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, request());
    });
  });
  await pool.close();
  expect(shutDown).toEqual(['b', 'a', 'c', 'd']);
});

it('lets those wait for whom there is no room while others are being built', async () => {
  const builds = new Map<unknown, Deferred<void>>();
  const slow = definePlugin({
    hooks: { tool_pre_invoke: () => undefined },
    initialize: ({ config }) => {
      const build = deferred();
      builds.set(config['key'], build);
      return build.promise;
    },
  });
  const pool = await startPool({
    base: { plugins: [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'] }] },
    kinds: { p: slow },
    max: 1,
    overridesFor: (key) => [{ name: 'P', config: { key } }],
  });
  const first = call(pool, 'a');
  const second = call(pool, 'b');
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(pool.statuses()).toMatchObject([{ state: 'building.wanted' }, { state: 'queued', waiting: 1 }]);
  expect([...builds.keys()]).toEqual(['a']);
  builds.get('a')?.resolve();
  await first;
  await new Promise((resolve) => setTimeout(resolve, 10));
  builds.get('b')?.resolve();
  await second;
  expect(pool.statuses().map(({ key }) => key)).toEqual(['b']);
});

it('retires nothing for a key that has no manager in the end', async () => {
  const pool = await startPool({
    base: counting,
    kinds,
    max: 1,
    overridesFor: (key) => {
      if (key !== 'a') throw new Error('no such tenant');
      return [];
    },
  });
  await call(pool, 'a');
  await Promise.all(['x', 'y', 'z'].map((key) => rejection(call(pool, key))));
  expect(await metadataOf(call(pool, 'a'))).toMatchObject({ calls: 2 });
});

it('lets a caller who cancels go before there is a manager, and nobody else', async () => {
  const overrides = deferred<PluginOverride[]>();
  const pool = await startPool({ base: counting, kinds, overridesFor: () => overrides.promise });
  const controller = new AbortController();
  const payload = { name: 'x', args: {} };
  const invoke = () => pool.invokeHook('a', 'tool_pre_invoke', payload, request(), { signal: controller.signal });
  const cancelled = rejection(invoke());
  const kept = call(pool, 'a');
  controller.abort(new Error('gone'));
  expect(await cancelled).toMatchObject({ code: 'INVOCATION_CANCELLED', cause: { message: 'gone' } });
  expect(await rejection(invoke())).toMatchObject({ code: 'INVOCATION_CANCELLED' });
  expect(pool.statuses()).toMatchObject([{ key: 'a', state: 'asking', waiting: 1 }]);
  overrides.resolve([]);
  expect(await metadataOf(kept)).toMatchObject({ calls: 1 });
  expect(pool.statuses()).toMatchObject([{ state: 'ready', uses: 0 }]);
  const wrong = pool.invokeHook('b', 'tool_pre_invoke', payload, request(), { signal: 1 } as never);
  expect(await rejection(wrong)).toMatchObject({ code: 'CONTEXT_INVALID' });
  expect(pool.size).toBe(1);
});

it('gives the error of a key to those who asked for it, forgets it, and tries again for the next', async () => {
  let broken = true;
  const thrown = new Error('no such tenant');
  const pool = await startPool({
    base: counting,
    kinds,
    overridesFor: (key) => {
      if (key === 'bad' && broken) throw thrown;
      return [];
    },
  });
  const [first, second, other] = await Promise.allSettled([call(pool, 'bad'), pool.get('bad'), call(pool, 'good')]);
  expect([first, second]).toEqual([
    { status: 'rejected', reason: thrown },
    { status: 'rejected', reason: thrown },
  ]);
  expect(other.status).toBe('fulfilled');
  expect(pool.statuses().map(({ key }) => key)).toEqual(['good']);
  broken = false;
  expect(await metadataOf(call(pool, 'bad'))).toMatchObject({ calls: 1 });
  // A manager that is there is not given to anybody while it is not known whether it still holds.
  broken = true;
  pool.invalidate('bad');
  expect(await rejection(call(pool, 'bad'))).toBe(thrown);
  expect(pool.statuses()[1]).toMatchObject({ key: 'bad', state: 'stale', lastError: thrown });
  broken = false;
  expect(await metadataOf(call(pool, 'bad'))).toMatchObject({ calls: 2 });
  expect(pool.statuses()[1]).toMatchObject({ key: 'bad', state: 'ready', lastError: undefined });
});

it('takes another base, replaces what comes to something else, and keeps the rest', async () => {
  const disabled = { name: 'Idle', kind: 'counter', hooks: ['tool_pre_invoke'], mode: 'disabled' };
  const folder = folderWith({ 'plugins.yaml': JSON.stringify(counting) });
  const file = join(folder, 'plugins.yaml');
  const pool = await startPool({
    base: pathToFileURL(file),
    kinds,
    overridesFor: (key) => (key === 'own' ? [{ name: 'Counter', priority: 5 }] : []),
  });
  await call(pool, 'own');
  await call(pool, 'other');
  const [entry] = counting.plugins;
  writeFileSync(file, JSON.stringify({ plugins: [{ ...entry, priority: 5 }] }));
  await pool.reload();
  // It had that priority before.
  expect(await metadataOf(call(pool, 'own'))).toMatchObject({ calls: 2 });
  expect(await metadataOf(call(pool, 'other'))).toMatchObject({ calls: 1 });

  writeFileSync(file, JSON.stringify({ plugins: [{ ...entry, kinds: 'typo' }] }));
  expect(await rejection(pool.reload())).toMatchObject({ code: 'CONFIG_INVALID' });
  await until('what was replaced is closed', () => pool.statuses().length === 2);
  expect(pool.statuses()).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
  expect(await metadataOf(call(pool, 'other'))).toMatchObject({ calls: 2 });

  await pool.reload(untypedConfig({ plugins: [disabled, { ...entry, config: { deny: 'echo' } }] }));
  expect(await call(pool, 'other')).toMatchObject({ continueProcessing: false });
  await pool.close();
  expect(await rejection(pool.reload())).toMatchObject({ code: 'MANAGER_CLOSED' });
});

it('gives up on overrides that do not come, and tells who was asked for them', async () => {
  const clock = new ManualClock();
  const signals: AbortSignal[] = [];
  const pool = await startPool({
    base: counting,
    kinds,
    clock,
    startTimeoutMs: 2000,
    overridesFor: (_, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    },
  });
  const refused = rejection(call(pool, 'a'));
  await clock.run(1999);
  expect([signals[0]?.aborted, pool.statuses()[0]?.nextTimerInMs]).toEqual([false, 1]);
  await clock.run(1);
  expect(await refused).toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: 'The overrides of "a" did not come within 2 s.',
  });
  expect(signals[0]?.aborted).toBe(true);
  expect(clock.size).toBe(0);
});

it('a plugin that changes its configuration changes that of no other manager', async () => {
  const seen: unknown[] = [];
  const greedy = definePlugin<{ list: number[] }>({
    hooks: { tool_pre_invoke: () => undefined },
    initialize: ({ config }) => void seen.push(config.list.push(2)),
  });
  const clock = new ManualClock();
  const pool = await startPool({
    base: { plugins: [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'], config: { list: [1] } }] },
    kinds: { p: greedy },
    clock,
    ttlMs: 10,
    overridesFor: () => undefined,
  });
  await call(pool, 'a');
  await call(pool, 'b');
  await clock.run(10);
  await call(pool, 'a');
  expect(seen).toEqual([2, 2]);
});

it('closes all, tells those who wait, and takes no more', async () => {
  const logger = new RecordingLogger();
  const clock = new ManualClock();
  const build = deferred();
  const shutDown: unknown[] = [];
  const slow = definePlugin({
    hooks: { tool_pre_invoke: () => undefined },
    initialize: ({ config }) => (config['key'] === 'slow' ? build.promise : undefined),
    shutdown: ({ config }) => void shutDown.push(config['key']),
  });
  const pool = await startPool({
    base: { plugins: [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'] }] },
    kinds: { p: slow },
    clock,
    logger,
    max: 2,
    overridesFor: (key) => [{ name: 'P', config: { key } }],
  });
  await call(pool, 'a');
  const refused = rejection(call(pool, 'slow'));
  await clock.run(0);
  const closing = pool.close();
  expect(await refused).toMatchObject({ code: 'MANAGER_CLOSED' });
  await expect(pool.get('b')).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  let closed = false;
  void closing.then(() => (closed = true));
  await clock.run(5);
  expect([closed, shutDown]).toEqual([false, ['a']]);
  build.resolve();
  await clock.run(0);
  expect([closed, shutDown]).toEqual([true, ['a', 'slow']]);
  expect([clock.size, pool.size, pool.statuses()]).toEqual([0, 0, []]);
  await pool.close();
});

it('closes with time to finish where it is told to, and shortens the time of what is being retired', async () => {
  const clock = new ManualClock();
  let priority = 1;
  const pool = await startPool({
    base: counting,
    kinds,
    clock,
    drainMs: 10_000,
    overridesFor: () => [{ name: 'Counter', priority }],
  });
  const first = deferred();
  const second = deferred();
  const results: unknown[] = [];
  const using = (release: Deferred<void>): Promise<unknown> =>
    pool.use('a', async (manager) => {
      await release.promise;
      const { metadata } = await manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, request());
      results.push(metadata['calls']);
    });
  const lost = rejection(using(first));
  await clock.run(0);
  priority = 2;
  pool.invalidate('a');
  const kept = using(second);
  await clock.run(0);
  expect(pool.statuses().map(({ state, nextTimerInMs }) => [state, nextTimerInMs])).toEqual([
    ['ready', 30_000],
    ['draining', 10_000],
  ]);
  const closing = pool.close({ drainMs: 300 });
  expect(pool.statuses().map(({ nextTimerInMs }) => nextTimerInMs)).toEqual([300, 300]);
  await clock.run(299);
  second.resolve();
  await kept;
  expect(results).toEqual([1]);
  await clock.run(1);
  await closing;
  first.resolve();
  expect(await lost).toMatchObject({ code: 'MANAGER_CLOSED' });
  expect(clock.size).toBe(0);
});

it('can be watched, with its keys, managers and plugins, those to come included', async () => {
  const early = new Set<string>();
  const later = new Set<string>();
  const to = (ids: Set<string>) => (event: { readonly actorRef: object }) =>
    void ids.add(String(Reflect.get(event.actorRef, 'id')));
  const pool = await startPool({ base: counting, kinds, inspector: to(early), overridesFor: () => undefined });
  await call(pool, 'a');
  const watching = pool.inspect(to(later));
  await call(pool, 'a');
  await call(pool, 'b');
  const expected = ['poolEntry:a', 'plugin:Counter', 'tool_pre_invoke#1', 'poolEntry:b'];
  expect([...early]).toEqual(expect.arrayContaining([...expected, 'pooledManager:a#1', 'pooledManager:b#2']));
  expect([...later]).toEqual(expect.arrayContaining(['tool_pre_invoke#2', 'poolEntry:b', 'pooledManager:b#2']));
  watching.unsubscribe();
  later.clear();
  await call(pool, 'a');
  await call(pool, 'c');
  expect([...later]).toEqual([]);
  expect([...early]).toContain('poolEntry:c');
});

it('runs hooks of the host, with their types', async () => {
  const mail = defineHook({ name: 'mail_pre_send', payload: z.object({ to: z.string() }) });
  const hooks = [mail] as const;
  const Footer = definePlugin<unknown, HookTypes<typeof hooks>>({
    hooks: { mail_pre_send: ({ to }) => ({ modifiedPayload: { to: `${to}!` } }) },
  });
  const pool = await startPool({
    base: { plugins: [{ name: 'Footer', kind: 'footer', hooks: ['mail_pre_send'] }] },
    kinds: { footer: Footer },
    hooks,
    overridesFor: () => undefined,
  });
  const sent = await pool.invokeHook('a', 'mail_pre_send', { to: 'ada' }, request());
  expect(sent.modifiedPayload?.to).toBe('ada!');
  await pool.use('a', async (manager) => {
    // @ts-expect-error -- mails have no subject
    await rejection(manager.invokeHook('mail_pre_send', { to: 'ada', subject: 'x' }, request()));
    const named = manager.invokeHookForPlugin('Footer', 'mail_pre_send', { to: 'eve' }, { globalContext: request() });
    expect((await named).modifiedPayload).toEqual({ to: 'eve!' });
  });
  // @ts-expect-error -- nobody registered it
  expect(await rejection(pool.invokeHook('a', 'mail_post_send', {}, request()))).toMatchObject({
    code: 'HOOK_UNKNOWN',
  });
});

it('says of every line which manager it is about', async () => {
  const logger = new RecordingLogger();
  const pool = await startPool({ base: counting, kinds, logger, overridesFor: () => undefined });
  await call(pool, 'a');
  expect(logger.entries).toContainEqual(
    expect.objectContaining({ message: '1 plugin is ready', fields: expect.objectContaining({ manager: 'a' }) }),
  );
});

it.each([
  [{ base: counting }, 'options.overridesFor is nothing, expected a function.'],
  [{ base: counting, overridesFor: [] }, 'options.overridesFor is a list, expected a function.'],
  [{ config: counting, overridesFor: () => [] }, 'createManagerPool has no option config, expected base, overridesFor'],
  [{ base: counting, overridesFor: () => [], ttl: 1 }, 'createManagerPool has no option ttl'],
  [{ base: counting, overridesFor: () => [], ttlMs: -1 }, 'options.ttlMs: expected milliseconds, 0 or more, found -1'],
  [{ base: counting, overridesFor: () => [], max: 0 }, 'options.max: expected an integer, 1 or more, found 0'],
  [{ base: counting, overridesFor: () => [], drainMs: '1' }, 'options.drainMs: expected milliseconds, 0 or more'],
  [{ base: { plugin: [] }, overridesFor: () => [] }, 'unknown key; did you mean `plugins`?'],
])('refuses a pool that cannot be made: %o', async (options: object, message: string) => {
  const refused = await rejection(startPool(options as Parameters<typeof startPool>[0]));
  expect(refused).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) });
});

it.each([
  ['', 'an empty string'],
  [7, 'a number'],
  [undefined, 'nothing'],
])('refuses a key that is none: %o', async (key, found) => {
  const pool = await startPool({ base: counting, kinds, overridesFor: () => [] });
  expect(await rejection(pool.get(key as string))).toMatchObject({
    code: 'CONFIG_INVALID',
    message: `The key of a manager is ${found}, expected a string that is not empty.`,
  });
  expect(pool.size).toBe(0);
});
