import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineHook, definePlugin, type HookTypes, type PluginResult } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { untyped } from '../fixtures/manager/untyped-manager.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const context = { requestId: 'r' };

/** Denies what its arguments ask for; knows `args` and nothing else. */
const denyList = definePlugin({
  hooks: {
    tool_pre_invoke: ({ args }) => ({ continueProcessing: !JSON.stringify(args ?? {}).includes('secret') }),
    prompt_pre_fetch() {},
    resource_pre_fetch() {},
    resource_post_fetch() {},
    agent_pre_invoke() {},
    http_pre_request() {},
    http_auth_check_permission() {},
  },
});
const hooks = [
  'tool_pre_invoke',
  'prompt_pre_fetch',
  'resource_pre_fetch',
  'resource_post_fetch',
  'agent_pre_invoke',
  'http_pre_request',
  'http_auth_check_permission',
];

async function guarded() {
  const config = { plugins: [{ name: 'Deny', kind: 'denyList', hooks }] };
  return untyped(await start({ kinds: { denyList }, config }));
}

describe('a field that nobody knows is refused, with what was perhaps meant', () => {
  const secret = { path: '/etc/secret' };
  it.each<[what: string, hook: string, payload: unknown, said: string]>([
    [
      'the params of an MCP tools/call',
      'tool_pre_invoke',
      { name: 'read', arguments: secret },
      'arguments: unknown field; did you mean `args`?',
    ],
    [
      'the same with args beside it',
      'tool_pre_invoke',
      { name: 'read', args: {}, arguments: secret },
      'did you mean `args`?',
    ],
    [
      'a whole MCP request',
      'tool_pre_invoke',
      { method: 'tools/call', params: { name: 'read', arguments: secret } },
      'params: unknown field; did you mean `args`?',
    ],
    [
      'a tool call of OpenAI',
      'tool_pre_invoke',
      { id: 'call_1', type: 'function', function: { name: 'read', arguments: JSON.stringify(secret) } },
      'function: unknown field; did you mean `name`?',
    ],
    ['a tool_use of Anthropic', 'tool_pre_invoke', { name: 'read', input: secret }, 'did you mean `args`?'],
    ['a tool call of the AI SDK', 'tool_pre_invoke', { toolName: 'read', args: secret }, 'did you mean `name`?'],
    ['another case', 'tool_pre_invoke', { name: 'read', Args: secret }, 'Args: unknown field; did you mean `args`?'],
    ['a slip', 'tool_pre_invoke', { name: 'read', agrs: secret }, 'agrs: unknown field; did you mean `args`?'],
    ['the names of the wire', 'prompt_pre_fetch', { prompt_id: 'p' }, 'did you mean `promptId`?'],
    ['a prompt by its MCP name', 'prompt_pre_fetch', { promptId: 'p', name: 'p' }, 'did you mean `promptId`?'],
    ['a resource by its URL', 'resource_pre_fetch', { url: 'file:///x' }, 'did you mean `uri`?'],
    [
      'the contents of a resource',
      'resource_post_fetch',
      { uri: 'x', content: 1, contents: [] },
      'did you mean `content`?',
    ],
    [
      'a system prompt',
      'agent_pre_invoke',
      { agentId: 'a', messages: [], system: 's' },
      'did you mean `systemPrompt`?',
    ],
    ['a request of fetch', 'http_pre_request', { url: '/', method: 'GET', headers: {} }, 'did you mean `path`?'],
    [
      'an admin',
      'http_auth_check_permission',
      { userEmail: 'a', permission: 'p', is_admin: true },
      'did you mean `isAdmin`?',
    ],
    [
      'something else altogether',
      'tool_pre_invoke',
      { name: 'read', zzz: 1 },
      'zzz: unknown field, expected `name`, `args`, `headers`',
    ],
    ['null under a strange name', 'tool_pre_invoke', { name: 'read', arguments: null }, 'did you mean `args`?'],
    [
      'a key that looks like a prototype',
      'tool_pre_invoke',
      JSON.parse('{"name":"read","__proto__":{"a":1}}'),
      '__proto__',
    ],
    ['a key that objects have', 'tool_pre_invoke', { name: 'read', constructor: 1 }, 'constructor: unknown field'],
  ])('%s', async (_, hook, payload, said) => {
    const error = await rejection((await guarded()).invokeHook(hook, payload, context));
    expect(error).toMatchObject({ code: 'PAYLOAD_INVALID', details: { hook } });
    expect(String(error)).toContain(said);
  });

  it('also where it is undefined nothing is said of it, because nothing is there', async () => {
    const payload = { name: 'read', args: { a: 1 }, arguments: undefined };
    expect(await (await guarded()).invokeHook('tool_pre_invoke', payload, context)).toMatchObject({
      continueProcessing: true,
    });
  });

  it('for calls by name too', async () => {
    const manager = await guarded();
    const calling = manager.invokeHookForPlugin(
      'Deny',
      'tool_pre_invoke',
      { name: 'read', arguments: secret },
      { globalContext: context },
    );
    expect(await rejection(calling)).toMatchObject({ code: 'PAYLOAD_INVALID' });
  });

  it('fields are what an object has itself: accessors of a class are not looked for, so the class is refused', async () => {
    class Call {
      name = 'read';
      get arguments() {
        return secret;
      }
    }
    const inherited = Object.assign(Object.create({ arguments: secret }), { name: 'read' });
    const fromNothing = Object.assign(Object.create(Object.assign(Object.create(null), { arguments: secret })), {
      name: 'read',
    });
    for (const payload of [new Call(), inherited, fromNothing, new Map([['name', 'read']])]) {
      const error = await rejection((await guarded()).invokeHook('tool_pre_invoke', payload, context));
      expect(error).toMatchObject({
        code: 'PAYLOAD_INVALID',
        message: expect.stringContaining('expected a plain object'),
      });
    }
  });

  it('names a few of many', async () => {
    const payload = { name: 'read', ...Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`zzz${n}`, 1])) };
    const error = await rejection((await guarded()).invokeHook('tool_pre_invoke', payload, context));
    expect(String(error)).toContain('995 more unknown fields');
    expect(String(error).length).toBeLessThan(1000);
  });

  it('any payload passes as it is or is refused: nothing of it is lost', async () => {
    let seen: unknown;
    const look = definePlugin({ hooks: { tool_pre_invoke: (payload) => void (seen = payload) } });
    const plugins = [{ name: 'Look', kind: 'look', hooks: ['tool_pre_invoke'] }];
    const manager = untyped(await start({ kinds: { look }, config: { plugins } }));
    const field = fc.oneof(fc.constantFrom('name', 'args', 'headers', 'arguments', '__proto__'), fc.string());
    const value = fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(field, value, { noNullPrototype: true }), async (payload) => {
        seen = undefined;
        const [{ status }] = await Promise.allSettled([manager.invokeHook('tool_pre_invoke', payload, context)]);
        if (status === 'fulfilled') expect(JSON.stringify(seen)).toBe(JSON.stringify(payload));
        else expect(seen).toBeUndefined();
      }),
    );
  });
});

describe('null for a field that may be left out means that it is left out', () => {
  it('in a payload, as those write it who come from Python', async () => {
    let seen: unknown;
    const look = definePlugin({
      hooks: {
        tool_pre_invoke: (payload) => void (seen = payload),
        http_auth_check_permission: (payload) => void (seen = payload),
      },
    });
    const plugins = [{ name: 'Look', kind: 'look', hooks: ['tool_pre_invoke', 'http_auth_check_permission'] }];
    const manager = untyped(await start({ kinds: { look }, config: { plugins } }));
    await manager.invokeHook('tool_pre_invoke', { name: 't', args: null, headers: null }, context);
    expect(seen).toEqual({ name: 't' });
    const check = { userEmail: 'a', permission: 'p', isAdmin: null, teamId: null };
    await manager.invokeHook('http_auth_check_permission', check, context);
    expect(seen).toEqual({ userEmail: 'a', permission: 'p', isAdmin: false });
    expect(await rejection(manager.invokeHook('tool_pre_invoke', { name: null }, context))).toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
  });

  it('in a modified payload and in a result', async () => {
    const answers: Record<string, unknown> = {
      tool_pre_invoke: { name: 'other', args: { a: 1 }, headers: null },
      http_auth_check_permission: { granted: false, reason: null },
    };
    const manager = untyped(await answering((hook) => ({ modifiedPayload: answers[hook] })));
    const tool = await manager.invokeHook('tool_pre_invoke', { name: 't' }, context);
    expect(tool.modifiedPayload).toEqual({ name: 'other', args: { a: 1 } });
    const check = await manager.invokeHook('http_auth_check_permission', { userEmail: 'a', permission: 'p' }, context);
    expect(check.modifiedPayload).toEqual({ granted: false });
  });
});

/** A manager with one plugin that answers this, whatever its types would say. */
async function answering(answer: (hook: string) => unknown, more: object = {}, options: object = {}) {
  const answers = {
    create: () => ({ handler: (hook: string) => () => answer(hook) as PluginResult }),
  };
  const names = ['tool_pre_invoke', 'http_auth_check_permission', 'http_pre_request', 'http_auth_resolve_user'];
  const config = { plugins: [{ name: 'A', kind: 'answers', hooks: names, ...more }] };
  return start({ kinds: { answers }, config, ...options });
}

describe('what a plugin makes of a payload', () => {
  const masked = { name: 't', args: { a: 'x' }, arguments: { a: '***' } };

  it('is an error of the plugin if it has fields that nobody knows', async () => {
    for (const policies of [{}, { tool_pre_invoke: { writable: ['args'] } }]) {
      const manager = untyped(await answering(() => ({ modifiedPayload: masked }), {}, { policies }));
      expect(await rejection(manager.invokeHook('tool_pre_invoke', { name: 't' }, context))).toMatchObject({
        code: 'PLUGIN_RESULT_INVALID',
        message: expect.stringContaining('arguments: unknown field; did you mean `args`?'),
        failure: { pluginName: 'A' },
      });
    }
  });

  it('and where the mode overlooks errors it is logged', async () => {
    const logger = recordingLogger();
    const manager = untyped(await answering(() => ({ modifiedPayload: masked }), { mode: 'permissive' }, { logger }));
    const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't' }, context);
    expect(outcome).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
    const errors = logger.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ fields }) => fields['err'])).toMatchObject([{ code: 'PLUGIN_RESULT_INVALID' }]);
  });

  it.each(['enforce', 'enforce_ignore_error'])('does not undo a block in mode %s', async (mode) => {
    const tooDeep: Record<string, unknown> = {};
    tooDeep['self'] = tooDeep;
    for (const modifiedPayload of [masked, { name: 't', args: tooDeep }, { name: 't', args: { a: 'x'.repeat(2e6) } }]) {
      const violation = { reason: 'r', description: 'd', code: 'NO' };
      const manager = untyped(
        await answering(() => ({ continueProcessing: false, violation, modifiedPayload }), { mode }),
      );
      expect(await manager.invokeHook('tool_pre_invoke', { name: 't' }, context)).toMatchObject({
        continueProcessing: false,
        violation: { code: 'NO' },
      });
    }
  });

  it.each(['enforce', 'enforce_ignore_error', 'permissive'])('does not lose a denial in mode %s', async (mode) => {
    const manager = untyped(await answering(() => ({ modifiedPayload: { granted: false, resason: 'no' } }), { mode }));
    const outcome = await manager.invokeHook(
      'http_auth_check_permission',
      { userEmail: 'a', permission: 'p' },
      context,
    );
    expect(outcome.modifiedPayload).toEqual({ granted: false });
  });

  it('does not grant what it says more of than anybody knows', async () => {
    const manager = untyped(await answering(() => ({ modifiedPayload: { granted: true, untill: 'noon' } })));
    const check = manager.invokeHook('http_auth_check_permission', { userEmail: 'a', permission: 'p' }, context);
    expect(await rejection(check)).toMatchObject({ code: 'PLUGIN_RESULT_INVALID' });
  });

  it('is no change under a policy if it is `args: {}` where args were left out, or the other way about', async () => {
    const policies = { tool_pre_invoke: { writable: ['args'] } };
    const filled = untyped(await answering(() => ({ modifiedPayload: { name: 't', args: {} } }), {}, { policies }));
    expect((await filled.invokeHook('tool_pre_invoke', { name: 't' }, context)).modifiedPayload).toBeUndefined();
    const emptied = untyped(await answering(() => ({ modifiedPayload: { name: 't' } }), {}, { policies }));
    expect(
      (await emptied.invokeHook('tool_pre_invoke', { name: 't', args: {} }, context)).modifiedPayload,
    ).toBeUndefined();
    const other = await emptied.invokeHook('tool_pre_invoke', { name: 't', args: { a: 1 } }, context);
    expect(other.modifiedPayload).toEqual({ name: 't' });
  });
});

describe('a hook of the host', () => {
  const order = defineHook({
    name: 'order_pre_ship',
    payload: z.object({
      orderId: z.string(),
      shipTo: z.object({ zipCode: z.string() }),
      lines: z.array(z.union([z.object({ sku: z.string() }), z.object({ note: z.string() })])).default([]),
    }),
  });
  const open = defineHook({ name: 'open', payload: z.looseObject({ id: z.string() }) });
  const numbers = defineHook({ name: 'numbers', payload: z.object({ id: z.string() }).catchall(z.number()) });
  const turned = defineHook({
    name: 'turned',
    payload: z.preprocess(
      (given) => given,
      z.object({ at: z.string().trim() }).refine(({ at }) => at !== ''),
    ),
  });
  interface Tree {
    label: string;
    children: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ label: z.string(), children: z.array(tree) }));
  const forest = defineHook({ name: 'forest', payload: z.object({ tree }) });
  const own = [order, open, numbers, turned, forest] as const;

  async function seeing() {
    const seen: unknown[] = [];
    const keep = (payload: unknown): void => void seen.push(payload);
    const look = definePlugin<object, HookTypes<typeof own>>({
      hooks: { order_pre_ship: keep, open: keep, numbers: keep, turned: keep, forest: keep },
    });
    const plugins = [{ name: 'Look', kind: 'look', hooks: own.map(({ name }) => name) }];
    const manager = untyped(await start({ hooks: own, kinds: { look }, config: { plugins } }));
    return { seen, run: (hook: string, payload: unknown) => manager.invokeHook(hook, payload, context) };
  }

  it.each<[hook: string, payload: unknown, said: string]>([
    [
      'order_pre_ship',
      { orderId: '1', shipTo: { zipCode: '8', zip_code: '9' } },
      'shipTo: zip_code: unknown field; did you mean `zipCode`?',
    ],
    [
      'order_pre_ship',
      { orderId: '1', shipTo: { zipCode: '8' }, lines: [{ sku: 'a', price: 1 }] },
      'lines.0: price: unknown field',
    ],
    ['numbers', { id: '1', more: 'text' }, 'more: Invalid input: expected number, received string'],
    ['turned', { at: 'noon', on: 'monday' }, 'on: unknown field'],
    ['turned', { at: ' ' }, 'payload: Invalid input'],
    [
      'forest',
      { tree: { label: 'a', children: [{ label: 'b', children: [], fruit: 1 }] } },
      'tree.children.0: fruit: unknown field',
    ],
  ])('refuses what its schema would drop, at any depth: %s', async (hook, payload, said) => {
    const { seen, run } = await seeing();
    const error = await rejection(run(hook, payload));
    expect(error).toMatchObject({ code: 'PAYLOAD_INVALID' });
    expect(String(error)).toContain(said);
    expect(seen).toEqual([]);
  });

  it('takes any field where its schema says so, and shows it', async () => {
    const { seen, run } = await seeing();
    const payloads = [
      ['open', JSON.parse('{"id":"1","more":{"a":1},"__proto__":{"b":2}}')],
      ['numbers', { id: '1', more: 2 }],
      ['order_pre_ship', { orderId: '1', shipTo: { zipCode: '8' }, lines: [{ sku: 'a' }, { note: 'b' }] }],
      ['forest', { tree: { label: 'a', children: [{ label: 'b', children: [] }] } }],
    ] as const;
    for (const [hook, payload] of payloads) await run(hook, payload);
    expect(seen.map((payload) => JSON.stringify(payload))).toEqual(
      payloads.map(([, payload]) => JSON.stringify(payload)),
    );
    await run('turned', { at: ' noon ' });
    expect(seen.at(-1)).toEqual({ at: 'noon' });
  });
});
