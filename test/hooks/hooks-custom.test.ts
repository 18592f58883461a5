import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createManager,
  defineHook,
  definePlugin,
  gatewayPolicies,
  type HookTypes,
  type PayloadPolicies,
} from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const score = defineHook({
  name: 'score',
  payload: z.object({ text: z.string(), seen: z.array(z.string()).default([]) }),
  result: z.object({ points: z.number() }),
  combine: (earlier, later) => ({ points: earlier.points + later.points }),
  applyToPayload: (payload, result) => ({ ...payload, seen: [...payload.seen, `so far ${result.points}`] }),
  denies: (result) => result.points < 0,
  reportsDecision: true,
  subject: { list: 'tools', of: (payload) => payload.text },
});
const hooks = [score] as const;
type Hooks = HookTypes<typeof hooks>;

/** Gives so many points, and tells what it saw. */
const giving = definePlugin<{ points: number }, Hooks>({
  config: z.object({ points: z.number() }),
  hooks: {
    score: (payload, { plugin }) => ({
      modifiedPayload: { points: plugin.config.points },
      metadata: { [plugin.name]: payload.seen },
    }),
  },
});
const entry = (name: string, points: number, more: object = {}) => ({
  name,
  kind: 'giving',
  hooks: ['score'],
  config: { points },
  ...more,
});

const run = async (plugins: object[], text = 't') => {
  const manager = await start({ hooks, kinds: { giving }, config: { plugins } });
  return manager.invokeHook('score', { text, seen: [] }, { requestId: '1' });
};

describe('a hook of the host', () => {
  it('combines results, shows them to the next plugin and reports who decided', async () => {
    expect(await run([entry('a', 1), entry('b', 2), entry('c', 4)])).toMatchObject({
      modifiedPayload: { points: 7 },
      metadata: { a: [], b: ['so far 1'], c: ['so far 1', 'so far 3'], _decision_plugin: 'c' },
    });
  });

  it('matches conditions on what it says its payload is about', async () => {
    const outcome = await run([entry('a', 1, { conditions: [{ tools: ['x'] }] }), entry('b', 2)], 'y');
    expect(outcome.modifiedPayload).toEqual({ points: 2 });
  });

  it('cannot take the name of another', async () => {
    const again = defineHook({ name: 'tool_pre_invoke', payload: z.object({}) });
    expect(await rejection(createManager({ hooks: [again], config: {}, env: {} }))).toMatchObject({
      code: 'HOOK_DUPLICATE',
      message: 'The hook tool_pre_invoke is registered already; give yours another name.',
    });
  });
});

describe('policies', () => {
  const rewriting = definePlugin({
    hooks: {
      tool_post_invoke: () => ({ modifiedPayload: { name: 'other', result: 'new' } }),
      tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, args: { a: 2 } } }),
      prompt_pre_fetch: () => ({ modifiedPayload: { promptId: 'other' } }),
    },
  });
  const config = {
    plugins: [{ name: 'R', kind: 'rewriting', hooks: ['tool_pre_invoke', 'tool_post_invoke', 'prompt_pre_fetch'] }],
  };
  const context = { requestId: '1' };

  it('of a gateway take the fields that may be written, drop the others and say so', async () => {
    const logger = recordingLogger();
    const manager = await start({ kinds: { rewriting }, config, policies: gatewayPolicies, logger });
    const post = await manager.invokeHook('tool_post_invoke', { name: 't', result: 'old' }, context);
    expect(post.modifiedPayload).toEqual({ name: 't', result: 'new' });
    const prompt = await manager.invokeHook('prompt_pre_fetch', { promptId: 'p' }, context);
    expect(prompt.modifiedPayload).toBeUndefined();
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'plugin R: the policy of tool_post_invoke does not let it change name',
      'plugin R: the policy of prompt_pre_fetch does not let it change promptId',
    ]);
  });

  it('of a hook hold for that hook, and the default for the others', async () => {
    const policies = { tool_pre_invoke: { writable: ['args'] } };
    const manager = await start({ kinds: { rewriting }, config, policies, defaultHookPolicy: 'deny' });
    const pre = await manager.invokeHook('tool_pre_invoke', { name: 't', args: { a: 1 } }, context);
    expect(pre.modifiedPayload).toEqual({ name: 't', args: { a: 2 } });
    const post = await manager.invokeHook('tool_post_invoke', { name: 't', result: 'old' }, context);
    expect(post.modifiedPayload).toBeUndefined();
  });

  it('limit nothing where a hook has a result of its own, and permit it where the default refuses', async () => {
    const resolving = definePlugin({
      hooks: { http_auth_resolve_user: () => ({ modifiedPayload: { email: 'ada@example.org' } }) },
    });
    const plugins = [{ name: 'R', kind: 'resolving', hooks: ['http_auth_resolve_user'] }];
    const resolve = async (options: { policies?: PayloadPolicies; defaultHookPolicy?: 'deny' }) => {
      const manager = await start({ kinds: { resolving }, config: { plugins }, ...options });
      return (await manager.invokeHook('http_auth_resolve_user', { headers: {} }, context)).modifiedPayload;
    };
    const user = { email: 'ada@example.org' };
    expect(await resolve({ policies: gatewayPolicies })).toEqual(user);
    expect(await resolve({ policies: gatewayPolicies, defaultHookPolicy: 'deny' })).toEqual(user);
    expect(await resolve({ defaultHookPolicy: 'deny' })).toBeUndefined();
  });

  it('ignore an object that is not a payload of the hook, which nobody minds without one', async () => {
    const odd = definePlugin({ hooks: { prompt_pre_fetch: () => ({ modifiedPayload: JSON.parse('{"args":{}}') }) } });
    const plugins = [{ name: 'O', kind: 'odd', hooks: ['prompt_pre_fetch'] }];
    const open = await start({ kinds: { odd }, config: { plugins } });
    const guarded = await start({ kinds: { odd }, config: { plugins }, policies: gatewayPolicies });
    const payload = { promptId: 'p' };
    expect((await open.invokeHook('prompt_pre_fetch', payload, context)).modifiedPayload).toEqual({ args: {} });
    expect((await guarded.invokeHook('prompt_pre_fetch', payload, context)).modifiedPayload).toBeUndefined();
  });

  it('do not bind a caller that asks one plugin by name', async () => {
    const manager = await start({ kinds: { rewriting }, config, policies: gatewayPolicies });
    const outcome = await manager.invokeHookForPlugin(
      'R',
      'prompt_pre_fetch',
      { promptId: 'p' },
      { globalContext: context },
    );
    expect(outcome.modifiedPayload).toEqual({ promptId: 'other' });
  });
});
