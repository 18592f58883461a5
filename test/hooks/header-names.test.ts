import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePlugin, gatewayPolicies, PluginViolationError } from '../../src/index.js';
import { mergeHeaders, oneEntryPerName } from '../../src/hooks/headers.js';
import { start } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

const context = () => ({ requestId: 'r' });
const twice = { Authorization: 'first', accept: '*/*', authorization: 'last' };
const once = { accept: '*/*', authorization: 'last' };

describe('a header map has one entry for each name', () => {
  const headers = fc.dictionary(
    fc.oneof(fc.constantFrom('a', 'A', 'aB', 'Ab', 'ab', '__proto__', '__PROTO__'), fc.string()),
    fc.string(),
    { noNullPrototype: true },
  );

  it('the later entry, with its spelling', () => {
    expect(oneEntryPerName(twice)).toEqual(once);
    expect(mergeHeaders({ Accept: 'a', X: '1', x: '2' }, { ACCEPT: 'b', accept: 'c' })).toEqual({
      x: '2',
      accept: 'c',
    });
    fc.assert(
      fc.property(headers, headers, (earlier, later) => {
        const merged = mergeHeaders(earlier, later);
        const names = Object.keys(merged).map((name) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
        const all = [...Object.entries(earlier), ...Object.entries(later)];
        expect(new Set(names)).toEqual(new Set(all.map(([name]) => name.toLowerCase())));
        for (const [name, value] of Object.entries(merged))
          expect(all.findLast(([given]) => given.toLowerCase() === name.toLowerCase())).toEqual([name, value]);
      }),
    );
  });
});

/** Answers the headers it was given and one more in another case, as one writes it: `{ ...headers, Authorization }`. */
const adding = definePlugin({
  hooks: {
    tool_pre_invoke: (payload) => ({
      modifiedPayload: { ...payload, headers: { ...payload.headers, Authorization: 'new' } },
    }),
    agent_pre_invoke: (payload) => ({
      modifiedPayload: { ...payload, headers: { ...payload.headers, Authorization: 'new' } },
    }),
    http_pre_request: ({ headers }) => ({ modifiedPayload: { ...headers, Authorization: 'new' } }),
    http_post_request: ({ responseHeaders }) => ({ modifiedPayload: { ...responseHeaders, Authorization: 'new' } }),
  },
});
const hooks = ['tool_pre_invoke', 'agent_pre_invoke', 'http_pre_request', 'http_post_request'];
const old = { authorization: 'old' };

/** Both plugins on all hooks; what the second one sees. */
async function chain(policies = {}) {
  const seen: unknown[] = [];
  const see = (payload: { headers?: unknown; responseHeaders?: unknown }): void =>
    void seen.push(payload.responseHeaders ?? payload.headers);
  const look = definePlugin({
    hooks: {
      tool_pre_invoke: see,
      agent_pre_invoke: see,
      http_pre_request: see,
      http_post_request: see,
      http_auth_resolve_user: see,
    },
  });
  const plugins = [
    { name: 'Add', kind: 'adding', hooks },
    { name: 'Look', kind: 'look', hooks: [...hooks, 'http_auth_resolve_user'] },
  ];
  return { seen, manager: await start({ kinds: { adding, look }, config: { plugins }, policies }) };
}

describe('for the plugins that follow, and for the caller', () => {
  it.each([
    ['without a policy', {}],
    ['under a policy', gatewayPolicies],
  ] as const)('%s', async (_, policies) => {
    const { seen, manager } = await chain(policies);
    const request = { path: '/', method: 'GET', headers: old };
    const tool = await manager.invokeHook('tool_pre_invoke', { name: 't', headers: old }, context());
    const agent = await manager.invokeHook('agent_pre_invoke', { agentId: 'a', messages: [], headers: old }, context());
    const pre = await manager.invokeHook('http_pre_request', request, context());
    const post = await manager.invokeHook('http_post_request', { ...request, responseHeaders: old }, context());
    const added = { Authorization: 'new' };
    expect(seen).toEqual([added, added, added, added]);
    expect(tool.modifiedPayload?.headers).toEqual(added);
    expect(agent.modifiedPayload?.headers).toEqual(added);
    expect([pre.modifiedPayload, post.modifiedPayload]).toEqual([added, added]);
  });

  it('in what the host gives', async () => {
    const { seen, manager } = await chain();
    const request = { path: '/', method: 'GET', headers: twice };
    await manager.invokeHook('http_auth_resolve_user', { headers: twice }, context());
    expect(seen).toEqual([once]);
    const pre = await manager.invokeHook('http_pre_request', request, context());
    expect(pre.modifiedPayload).toEqual({ accept: '*/*', Authorization: 'new' });
  });

  it('in headers of violations and of results', async () => {
    const blocking = definePlugin({
      hooks: {
        tool_pre_invoke: () => ({
          continueProcessing: false,
          httpHeaders: twice,
          violation: { reason: 'r', description: 'd', code: 'C', httpHeaders: twice },
        }),
        tool_post_invoke: () => ({ httpHeaders: twice }),
      },
    });
    const plugins = [{ name: 'B', kind: 'blocking', hooks: ['tool_pre_invoke', 'tool_post_invoke'] }];
    const manager = await start({ kinds: { blocking }, config: { plugins } });
    const blocked = await manager.invokeHook('tool_pre_invoke', { name: 't' }, context());
    expect([blocked.violation?.httpHeaders, blocked.httpHeaders]).toEqual([once, once]);
    const passed = await manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, context());
    expect(passed.httpHeaders).toEqual(once);
    const raised = manager.invokeHook('tool_pre_invoke', { name: 't' }, context(), { violationsAsExceptions: true });
    const error = await rejection(raised);
    expect(error instanceof PluginViolationError && error.violation?.httpHeaders).toEqual(once);
  });

  it('arguments are no headers: they may differ in case alone', async () => {
    let seen: unknown;
    const look = definePlugin({ hooks: { prompt_pre_fetch: (payload) => void (seen = payload.args) } });
    const plugins = [{ name: 'L', kind: 'look', hooks: ['prompt_pre_fetch'] }];
    const manager = await start({ kinds: { look }, config: { plugins } });
    await manager.invokeHook('prompt_pre_fetch', { promptId: 'p', args: twice }, context());
    expect(seen).toEqual(twice);
  });
});
