import { describe, expect, it } from 'vitest';
import { definePlugin, type GlobalContext, type NamedCallContext } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

/** Counts the hooks of a request in its local state, and writes into the request. */
const noting = definePlugin({
  hooks: {
    tool_pre_invoke(payload, context) {
      context.state['began'] = payload.name;
      const global = context.globalContext;
      global.state = { ...global.state, from: context.plugin.name };
      Object.assign((global.metadata ??= {}), { deep: { by: context.plugin.name } });
      return {};
    },
    tool_post_invoke: (_, context) => ({ metadata: { [context.plugin.name]: context.state['began'] ?? 'nothing' } }),
  },
});

const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const managerWith = (...entries: object[]) =>
  start({ kinds: { noting }, config: { plugins: entries.map((entry) => ({ kind: 'noting', hooks, ...entry })) } });

describe('local state', () => {
  it('lives from one hook to the next of a request, for each plugin alone, in every mode', async () => {
    const manager = await managerWith({ name: 'a' }, { name: 'b', mode: 'permissive' });
    const context = { requestId: 'r' };
    const before = await manager.invokeHook('tool_pre_invoke', { name: 't1' }, context);
    const after = await manager.invokeHook('tool_post_invoke', { name: 't1', result: 1 }, context, {
      contexts: before.contexts,
    });
    expect(after.metadata).toEqual({ a: 't1', b: 't1' });
  });

  it('is gone where the caller does not pass it back, and unseen by other requests', async () => {
    const manager = await managerWith({ name: 'a' });
    const before = await manager.invokeHook('tool_pre_invoke', { name: 't1' }, { requestId: 'r' });
    const post = (requestId: string, contexts = before.contexts) =>
      manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, { requestId }, { contexts });
    expect((await post('r')).metadata).toEqual({ a: 't1' });
    expect((await post('other')).metadata).toEqual({ a: 'nothing' });
    expect(
      (await manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, { requestId: 'r' })).metadata,
    ).toEqual({
      a: 'nothing',
    });
  });
});

describe('global state', () => {
  it('comes back to the caller from modes that merge it, and from no other', async () => {
    for (const [mode, state] of [
      ['enforce', { from: 'a', kept: 1 }],
      ['permissive', { kept: 1 }],
    ] as const) {
      const manager = await managerWith({ name: 'a', mode });
      const context: GlobalContext = { requestId: 'r', state: { kept: 1 }, metadata: {} };
      await manager.invokeHook('tool_pre_invoke', { name: 't' }, context);
      expect(context.state).toEqual(state);
      expect(context.metadata).toEqual(mode === 'enforce' ? { deep: { by: 'a' } } : {});
    }
  });
});

describe('a plugin called by name', () => {
  it('gets the local state it is given, and its changes are written back, also those of a hook that fails', async () => {
    const manager = await start({
      kinds: {
        counting: definePlugin({
          hooks: {
            tool_pre_invoke(payload, context) {
              context.state['count'] = Number(context.state['count'] ?? 0) + 1;
              context.metadata['last'] = payload.name;
              context.globalContext.state = { ...context.globalContext.state, seen: payload.name };
            },
          },
        }),
      },
      config: { plugins: [{ name: 'C', kind: 'counting', hooks: ['tool_pre_invoke'] }] },
    });
    const context: NamedCallContext = { globalContext: { requestId: 'r' }, state: { count: 41 } };
    await manager.invokeHookForPlugin('C', 'tool_pre_invoke', { name: 't' }, context);
    expect(context).toEqual({
      globalContext: { requestId: 'r', state: { seen: 't' } },
      state: { count: 42 },
      metadata: { last: 't' },
    });
  });

  it('answers a block as the plugin gave it, in every mode', async () => {
    const blocking = definePlugin({
      hooks: {
        tool_pre_invoke: (payload) => ({
          continueProcessing: false,
          modifiedPayload: { ...payload, name: 'changed' },
          violation: { reason: 'r', description: 'd', code: 'C' },
        }),
      },
    });
    const plugins = ['enforce', 'permissive'].map((mode) => ({
      name: mode,
      kind: 'blocking',
      hooks: ['tool_pre_invoke'],
      mode,
    }));
    const manager = await start({ kinds: { blocking }, config: { plugins } });
    for (const { name } of plugins) {
      const context = { globalContext: { requestId: 'r' } };
      expect(await manager.invokeHookForPlugin(name, 'tool_pre_invoke', { name: 't' }, context)).toMatchObject({
        continueProcessing: false,
        modifiedPayload: { name: 'changed' },
        violation: { reason: 'r', description: 'd', code: 'C', pluginName: name },
      });
    }
  });
});
