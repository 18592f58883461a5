import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineHook, definePlugin, type HookTypes, PluginContexts } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { untyped } from '../fixtures/manager/untyped-manager.js';
import { rejection } from '../fixtures/waiting.js';

const payload = { name: 't' };
const block = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: false }) } });

/** A manager with one plugin, for tenant 5 alone. */
async function forTenant5() {
  const entry = { name: 'Block', kind: 'block', hooks: ['tool_pre_invoke'], conditions: [{ tenant_ids: ['5'] }] };
  return untyped(await start({ kinds: { block }, config: { plugins: [entry] } }));
}

const wrongContexts: [what: string, context: unknown, said: string][] = [
  ['a tenant that is a number', { requestId: 'r', tenantId: 5 }, 'tenantId: found a number, expected a string'],
  [
    'a tenant under the name of the wire',
    { requestId: 'r', tenant_id: '5' },
    'tenant_id: unknown field; did you mean `tenantId`?',
  ],
  ['a tenant under another name', { requestId: 'r', tenant: '5' }, 'tenant: unknown field; did you mean `tenantId`?'],
  ['a list of tenants', { requestId: 'r', tenantId: ['5'] }, 'tenantId: found a list, expected a string'],
  ['a String object', { requestId: 'r', tenantId: new String('5') }, 'tenantId: found a String, expected a string'],
  ['a server that is a number', { requestId: 'r', serverId: 1n }, 'serverId: found a big integer, expected a string'],
  ['a server id misspelt', { requestId: 'r', serverID: 's' }, 'serverID: unknown field; did you mean `serverId`?'],
  [
    'a content type that is an object',
    { requestId: 'r', contentType: {} },
    'contentType: found an object, expected a string',
  ],
  ['a user that is a number', { requestId: 'r', user: 7 }, 'user: found a number, expected a string or a plain object'],
  ['a user that is a list', { requestId: 'r', user: ['u'] }, 'user: found a list'],
  ['a user that is a Map', { requestId: 'r', user: new Map() }, 'user: found a Map'],
  ['a user id misspelt', { requestId: 'r', user_id: 'u' }, 'user_id: unknown field; did you mean `user`?'],
  [
    'a user context in text',
    { requestId: 'r', userContext: 'u' },
    'userContext: found a string, expected a plain object',
  ],
  [
    'a user context of nobody',
    { requestId: 'r', userContext: {} },
    'userContext.userId: found nothing, expected a string',
  ],
  [
    'a user context of null',
    { requestId: 'r', userContext: { userId: null } },
    'userContext.userId: found null, expected a string',
  ],
  [
    'a user context in the names of the wire',
    { requestId: 'r', userContext: { userId: 'u', is_admin: true } },
    'userContext.is_admin: unknown field; did you mean `isAdmin`?',
  ],
  [
    'an admin in text',
    { requestId: 'r', userContext: { userId: 'u', isAdmin: 'no' } },
    'userContext.isAdmin: found a string, expected true or false',
  ],
  [
    'groups in text',
    { requestId: 'r', userContext: { userId: 'u', groups: 'g' } },
    'userContext.groups: found a string, expected a list of strings',
  ],
  [
    'groups of numbers',
    { requestId: 'r', userContext: { userId: 'u', groups: [1] } },
    'userContext.groups: found a list, expected a list of strings',
  ],
  ['state in a Map', { requestId: 'r', state: new Map() }, 'state: found a Map, expected a plain object'],
  ['state in a list', { requestId: 'r', state: [] }, 'state: found a list, expected a plain object'],
  ['metadata in text', { requestId: 'r', metadata: 'm' }, 'metadata: found a string, expected a plain object'],
  [
    'an instance of a class',
    new (class Context {
      requestId = 'r';
      get tenant_id() {
        return '5';
      }
    })(),
    'found an instance of Context, expected a plain object',
  ],
  [
    'fields that are inherited',
    Object.assign(Object.create({ tenant_id: '5' }), { requestId: 'r' }),
    'expected a plain object',
  ],
  ['a Map', new Map([['requestId', 'r']]), 'found a Map, expected a plain object'],
  ['the name of the wire', { request_id: 'r' }, 'request_id: unknown field; did you mean `requestId`?'],
  ['null for the id', { requestId: null }, 'has no requestId: found null, expected a string'],
  ['null', null, 'has no requestId: found null'],
];

describe('a context is checked as a whole', () => {
  it.each(wrongContexts)('%s', async (_, context, said) => {
    const error = await rejection((await forTenant5()).invokeHook('tool_pre_invoke', payload, context));
    expect(error).toMatchObject({ code: 'CONTEXT_INVALID', details: { hook: 'tool_pre_invoke' } });
    expect(String(error)).toContain(said);
  });

  it.each(wrongContexts)('for a call by name: %s', async (_, globalContext) => {
    const calling = (await forTenant5()).invokeHookForPlugin('Block', 'tool_pre_invoke', payload, { globalContext });
    expect(await rejection(calling)).toMatchObject({ code: 'CONTEXT_INVALID' });
  });

  it('says where in it, for a call by name', async () => {
    const manager = await forTenant5();
    const call = (context: unknown) =>
      rejection(manager.invokeHookForPlugin('Block', 'tool_pre_invoke', payload, context)).then(String);
    expect(await call({ globalContext: { requestId: 'r', tenantId: 5 } })).toContain(
      'globalContext.tenantId: found a number',
    );
    expect(await call({ global_context: { requestId: 'r' } })).toContain(
      'global_context: unknown field; did you mean `globalContext`?',
    );
    expect(await call({ globalContext: { requestId: 'r' }, state: [] })).toContain(
      'state: found a list, expected a plain object',
    );
    expect(await call({ globalContext: { requestId: 'r' }, metadata: 5 })).toContain('metadata: found a number');
    const frozen = Object.freeze({ globalContext: { requestId: 'r' }, state: {}, metadata: {} });
    expect(await call(frozen)).toContain('cannot be read or written');
  });

  it('null and undefined say that something is not known', async () => {
    const nothing = {
      user: null,
      userContext: null,
      tenantId: null,
      serverId: undefined,
      contentType: null,
      state: undefined,
      tenant: undefined,
    };
    const manager = await forTenant5();
    expect(await manager.invokeHook('tool_pre_invoke', payload, { requestId: 'r', ...nothing })).toMatchObject({
      continueProcessing: true,
    });
    const everything = {
      requestId: 'r',
      user: { email: 'a' },
      tenantId: '5',
      serverId: 's',
      contentType: 'text/plain',
      state: { a: 1 },
      metadata: {},
      userContext: { userId: 'u', email: null, isAdmin: true, groups: ['g'], teams: null, attributes: { a: [1] } },
    };
    expect(await manager.invokeHook('tool_pre_invoke', payload, everything)).toMatchObject({
      continueProcessing: false,
    });
    expect(
      await manager.invokeHookForPlugin('Block', 'tool_pre_invoke', payload, {
        globalContext: everything,
        state: undefined,
      }),
    ).toMatchObject({ continueProcessing: false });
  });

  it('one that a plugin was given may be passed on', async () => {
    let inner: unknown;
    const outer = definePlugin({
      hooks: {
        tool_post_invoke: async (_, { globalContext }) => {
          inner = await manager.invokeHook('tool_pre_invoke', payload, globalContext);
        },
      },
    });
    const plugins = [
      { name: 'Outer', kind: 'outer', hooks: ['tool_post_invoke'] },
      { name: 'Block', kind: 'block', hooks: ['tool_pre_invoke'], conditions: [{ tenant_ids: ['5'] }] },
    ];
    const manager = await start({ kinds: { outer, block }, config: { plugins } });
    await manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, { requestId: 'r', tenantId: '5' });
    expect(inner).toMatchObject({ continueProcessing: false });
  });

  it('whatever stands for the tenant: its plugin runs, nobody is there, or it is an error', async () => {
    const manager = await forTenant5();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('tenantId', 'tenant_id', 'tenantid', 'TenantId'),
        fc.anything(),
        async (key, value) => {
          const calling = manager.invokeHook('tool_pre_invoke', payload, { requestId: 'r', [key]: value });
          const [settled] = await Promise.allSettled([calling]);
          if (settled.status === 'rejected') {
            expect(settled.reason).toMatchObject({ code: 'CONTEXT_INVALID' });
          } else {
            const absent = value === undefined || (value === null && key === 'tenantId');
            expect(absent || (key === 'tenantId' && typeof value === 'string')).toBe(true);
            expect(settled.value.continueProcessing).toBe(value !== '5');
          }
        },
      ),
    );
  });
});

describe('what conditions compare with must be text', () => {
  it.each(['email', 'user_id', 'userId', 'sub'])('the %s of a user', async (field) => {
    const entry = { name: 'Block', kind: 'block', hooks: ['tool_pre_invoke'], conditions: [{ user_patterns: ['7'] }] };
    const manager = untyped(await start({ kinds: { block }, config: { plugins: [entry] } }));
    const run = (value: unknown) =>
      manager.invokeHook('tool_pre_invoke', payload, { requestId: 'r', user: { [field]: value } });
    for (const value of [7, ['7'], { id: '7' }, true]) {
      expect(await rejection(run(value))).toMatchObject({
        code: 'CONTEXT_INVALID',
        message: expect.stringContaining('the user is named by'),
      });
    }
    expect(await run('7')).toMatchObject({ continueProcessing: false });
    expect(await run(null)).toMatchObject({ continueProcessing: true });
  });

  it('what a hook of the host says it is about', async () => {
    const odd = defineHook({
      name: 'odd',
      payload: z.object({ id: z.unknown() }),
      subject: { list: 'tools', of: ({ id }) => id as string },
    });
    const hooks = [odd] as const;
    const deny = definePlugin<object, HookTypes<typeof hooks>>({
      hooks: { odd: () => ({ continueProcessing: false }) },
    });
    const entry = { name: 'Deny', kind: 'deny', hooks: ['odd'], conditions: [{ tools: ['7'] }] };
    const manager = untyped(await start({ hooks, kinds: { deny }, config: { plugins: [entry] } }));
    expect(await rejection(manager.invokeHook('odd', { id: 7 }, { requestId: 'r' }))).toMatchObject({
      code: 'CONTEXT_INVALID',
    });
    expect(await manager.invokeHook('odd', { id: '7' }, { requestId: 'r' })).toMatchObject({
      continueProcessing: false,
    });
  });
});

describe('so are the options', () => {
  const context = { requestId: 'r', tenantId: '5' };
  it.each<[what: string, options: unknown, said: string]>([
    [
      'a name of the wire',
      { violations_as_exceptions: true },
      'violations_as_exceptions: unknown option; did you mean `violationsAsExceptions`?',
    ],
    [
      'text for a truth value',
      { violationsAsExceptions: 'true' },
      'violationsAsExceptions: found a string, expected true or false',
    ],
    ['contexts as JSON', { contexts: {} }, 'contexts: found an object, expected the contexts of an earlier outcome'],
    ['contexts in a Map', { contexts: new Map() }, 'contexts: found a Map'],
    [
      'another name for the contexts',
      { context: new PluginContexts() },
      'context: unknown option; did you mean `contexts`?',
    ],
    [
      'a controller for a signal',
      { signal: new AbortController() },
      'signal: found an AbortController, expected an AbortSignal',
    ],
    ['a number for a signal', { signal: 5 }, 'signal: found a number'],
    ['half a signal', { signal: { aborted: false, addEventListener() {} } }, 'signal: found an object'],
    [
      'something else',
      { timeout: 5 },
      'timeout: unknown option, expected contexts, extensions, violationsAsExceptions, signal',
    ],
    ['contexts themselves', new PluginContexts(), 'found an instance of PluginContexts, expected a plain object'],
    ['null', null, 'found null, expected a plain object'],
    ['text', 'x', 'found a string, expected a plain object'],
  ])('%s', async (_, options, said) => {
    const error = await rejection((await forTenant5()).invokeHook('tool_pre_invoke', payload, context, options));
    expect(error).toMatchObject({ code: 'CONTEXT_INVALID' });
    expect(String(error)).toContain(said);
  });

  it('a call by name has fewer', async () => {
    const manager = await forTenant5();
    const call = (options: unknown) =>
      manager.invokeHookForPlugin('Block', 'tool_pre_invoke', payload, { globalContext: context }, options);
    expect(String(await rejection(call({ violationsAsExceptions: true })))).toContain(
      'unknown option, expected extensions, signal, raiseErrors',
    );
    expect(await call({ signal: new AbortController().signal })).toMatchObject({ continueProcessing: false });
  });

  it('undefined and null are no options', async () => {
    const options = { contexts: undefined, violationsAsExceptions: null, signal: undefined, other: undefined };
    expect(await (await forTenant5()).invokeHook('tool_pre_invoke', payload, context, options)).toMatchObject({
      continueProcessing: false,
    });
  });
});

describe('a context that nothing can be written to', () => {
  const mask = definePlugin({
    hooks: {
      tool_pre_invoke(_payload, { globalContext }) {
        (globalContext.state ??= {})['noted'] = true;
        return { modifiedPayload: { name: 'masked' } };
      },
    },
  });
  const invoked = async (mode: string, context: object, onError?: string) => {
    const plugins = [{ name: 'Mask', kind: 'mask', hooks: ['tool_pre_invoke'], mode, on_error: onError ?? null }];
    return untyped(await start({ kinds: { mask }, config: { plugins } })).invokeHook(
      'tool_pre_invoke',
      payload,
      context,
    );
  };

  it.each<[string, () => object]>([
    ['a frozen one', () => Object.freeze({ requestId: 'r' })],
    ['one with a frozen state', () => ({ requestId: 'r', state: Object.freeze({}) })],
  ])(
    '%s fails a plugin that leaves a note, and drops nothing else of its answer where that is ignored',
    async (_, context) => {
      expect(await rejection(invoked('enforce', context()))).toMatchObject({
        code: 'CONTEXT_INVALID',
        message: expect.stringContaining('cannot take what a plugin left in its state or metadata') as string,
      });
      expect(await invoked('enforce_ignore_error', context())).toMatchObject({ modifiedPayload: { name: 'masked' } });
      expect(await rejection(invoked('concurrent', context()))).toMatchObject({ code: 'CONTEXT_INVALID' });
      expect(await invoked('concurrent', context(), 'ignore')).toMatchObject({ decision: 'allow' });
    },
  );
});
