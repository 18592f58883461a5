import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineHook, definePlugin, type HookTypes } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { untyped } from '../fixtures/manager/untyped-manager.js';
import { rejection } from '../fixtures/waiting.js';

const context = { requestId: 'r' };
const open = defineHook({ name: 'open', payload: z.looseObject({ id: z.string() }) });
const own = [open] as const;
let grown: unknown;
const quiet = definePlugin<object, HookTypes<typeof own>>({ hooks: { open() {} } });
const tool = definePlugin({
  hooks: {
    tool_pre_invoke: (payload) =>
      grown === undefined ? undefined : { modifiedPayload: { ...payload, args: { grown } } },
  },
});

async function manager(limit?: number) {
  return untyped(
    await start({
      hooks: own,
      kinds: { quiet, tool },
      config: {
        plugins: [
          { name: 'Tool', kind: 'tool', hooks: ['tool_pre_invoke'] },
          { name: 'Quiet', kind: 'quiet', hooks: ['open'] },
        ],
        plugin_settings: limit === undefined ? {} : { max_payload_size: limit },
      },
    }),
  );
}

const fill = (count: number, value: unknown): unknown[] => Array.from({ length: count }, () => value);
const sparse = (length: number): unknown[] => {
  const list: unknown[] = [];
  list.length = length;
  return list;
};
const keys = (count: number, value: unknown) => Object.fromEntries(Array.from({ length: count }, (_, n) => [n, value]));
class Box {
  readonly held: unknown;
  constructor(held: unknown) {
    this.held = held;
  }
}

/** Things that say nothing, each of them so many times. */
const nothings: [what: string, make: (count: number) => unknown][] = [
  ['nulls', (count) => fill(count, null)],
  ['undefined in a list', (count) => fill(count, undefined)],
  ['holes', sparse],
  ['empty texts', (count) => fill(count, '')],
  ['empty objects', (count) => Array.from({ length: count }, () => ({}))],
  ['empty lists', (count) => Array.from({ length: count }, () => [])],
  ['one empty object, again and again', (count) => fill(count, {})],
  ['functions', (count) => fill(count, () => undefined)],
  ['symbols', (count) => fill(count, Symbol('s'))],
  ['keys without a value', (count) => keys(count, undefined)],
  ['nulls below keys', (count) => keys(count, null)],
  ['empty keys, one below the other in a list', (count) => Array.from({ length: count }, () => ({ '': null }))],
  ['nulls in lists of their own', (count) => Array.from({ length: count / 10 }, () => fill(10, null))],
  ['the elements of a Set', (count) => new Set(Array.from({ length: count }, (_, n) => n))],
  ['the entries of a Map', (count) => new Map(Array.from({ length: count }, (_, n) => [n, undefined]))],
  ['nulls in a Map', (count) => new Map([['a', fill(count, null)]])],
  ['nulls in an instance of a class', (count) => new Box(fill(count, null))],
  ['instances of a class', (count) => Array.from({ length: count }, () => new Box(undefined))],
  ['dates', (count) => Array.from({ length: count }, () => new Date(0))],
  ['empty buffers', (count) => Array.from({ length: count }, () => new Uint8Array(0))],
];

describe('what says nothing counts all the same', () => {
  it.each(nothings)('%s', async (_, make) => {
    const limited = await manager(1000);
    const run = (value: unknown) => limited.invokeHook('tool_pre_invoke', { name: 't', args: { a: value } }, context);
    expect(await rejection(run(make(1010)))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await run(make(10))).toMatchObject({ continueProcessing: true });
  });

  it('three million of it are too much unless somebody says otherwise', async () => {
    const unlimited = await manager();
    for (const value of [fill(3_000_000, null), sparse(3_000_000), new Map([[1, fill(3_000_000, null)]])]) {
      const run = unlimited.invokeHook('tool_pre_invoke', { name: 't', args: { a: value } }, context);
      expect(await rejection(run)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    }
  });

  it('so do keys of the payload itself, where the hook takes any', async () => {
    const limited = await manager(1000);
    expect(await rejection(limited.invokeHook('open', { id: '', ...keys(1010, null) }, context))).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
    expect(await limited.invokeHook('open', { id: '', ...keys(10, null) }, context)).toMatchObject({
      continueProcessing: true,
    });
  });

  it('a list of a thousand million holes is refused at once', async () => {
    const unlimited = await manager();
    const before = performance.now();
    const huge = sparse(1e9);
    for (const args of [{ a: huge }, { a: [[huge]] }, { a: new Box(huge) }, { a: new Set([huge]) }]) {
      expect(await rejection(unlimited.invokeHook('tool_pre_invoke', { name: 't', args }, context))).toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
      });
    }
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('in what a plugin makes of a payload, and for calls by name', async () => {
    const limited = await manager(1000);
    const named = (args: unknown) =>
      limited.invokeHookForPlugin('Tool', 'tool_pre_invoke', { name: 't', args }, { globalContext: context });
    expect(await rejection(named({ a: fill(1010, null) }))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await rejection(named({ a: 'x'.repeat(1001) }))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    grown = sparse(1e9);
    try {
      for (const run of [named({}), limited.invokeHook('tool_pre_invoke', { name: 't' }, context)])
        expect(await rejection(run)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', failure: { pluginName: 'Tool' } });
    } finally {
      grown = undefined;
    }
  });

  it('in results that are no payload, but not where they deny', async () => {
    const answers = definePlugin({
      hooks: {
        http_auth_resolve_user: () => ({ modifiedPayload: { groups: fill(1010, null) } }),
        http_auth_check_permission: () => ({ modifiedPayload: { granted: false, reason: 'x'.repeat(1010) } }),
      },
    });
    const entry = { name: 'A', kind: 'answers', hooks: ['http_auth_resolve_user', 'http_auth_check_permission'] };
    const config = { plugins: [entry], plugin_settings: { max_payload_size: 1000 } };
    const limited = untyped(await start({ kinds: { answers }, config }));
    const user = limited.invokeHook('http_auth_resolve_user', { headers: {} }, context);
    expect(await rejection(user)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', failure: { pluginName: 'A' } });
    const check = limited.invokeHook('http_auth_check_permission', { userEmail: 'a', permission: 'p' }, context);
    expect(await check).toMatchObject({ modifiedPayload: { granted: false } });
  });

  it('live objects that refer to each other are counted once', async () => {
    const limited = await manager(1000);
    const parent = new Box(undefined);
    const child = new Box(parent);
    Object.assign(parent, { child, children: [child, child] });
    const run = limited.invokeHook('tool_pre_invoke', { name: 't', args: { parent, child } }, context);
    expect(await run).toMatchObject({ continueProcessing: true });
    let chain = new Box(undefined);
    for (let n = 0; n < 100_000; n++) chain = new Box(chain);
    expect(
      await rejection(limited.invokeHook('tool_pre_invoke', { name: 't', args: { chain } }, context)),
    ).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});
