import { describe, expect, it } from 'vitest';
import { definePlugin, type GlobalContext } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

const seen = definePlugin({
  hooks: {
    tool_pre_invoke: () => ({ metadata: { ran: true } }),
    prompt_pre_fetch: () => ({ metadata: { ran: true } }),
    resource_pre_fetch: () => ({ metadata: { ran: true } }),
    agent_pre_invoke: () => ({ metadata: { ran: true } }),
    http_pre_request: () => ({ metadata: { ran: true } }),
  },
});

async function guarded(...conditions: object[]) {
  const hooks = ['tool_pre_invoke', 'prompt_pre_fetch', 'resource_pre_fetch', 'agent_pre_invoke', 'http_pre_request'];
  return start({ kinds: { seen }, config: { plugins: [{ name: 'S', kind: 'seen', hooks, conditions }] } });
}

async function runs(conditions: object[], context: Partial<GlobalContext> = {}, tool = 'search'): Promise<boolean> {
  const manager = await guarded(...conditions);
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: tool }, { requestId: '1', ...context });
  return outcome.metadata['ran'] === true;
}

describe('a plugin runs', () => {
  it.each<[string, object[], Partial<GlobalContext>, boolean]>([
    ['without conditions', [], {}, true],
    ['where an entry is empty', [{}], {}, true],
    ['on its tools', [{ tools: ['fetch', 'search'] }], {}, true],
    ['not on other tools', [{ tools: ['fetch'] }], {}, false],
    ['where any entry matches', [{ tools: ['fetch'] }, { tenant_ids: ['a'] }], { tenantId: 'a' }, true],
    ['not where only half an entry matches', [{ tools: ['search'], tenant_ids: ['b'] }], { tenantId: 'a' }, false],
    ['on its servers', [{ server_ids: ['s1'] }], { serverId: 's1' }, true],
    ['not where the server is not known', [{ server_ids: ['s1'] }], {}, false],
    ['for users by a part of the name', [{ user_patterns: ['@example.org'] }], { user: 'ada@example.org' }, true],
    ['but not in other case', [{ user_patterns: ['@EXAMPLE.org'] }], { user: 'ada@example.org' }, false],
    ['for users that are objects', [{ user_patterns: ['ada'] }], { user: { email: 'ada@example.org' } }, true],
    ['whatever the list, where it is empty', [{ user_patterns: [], tools: [] }], {}, true],
    [
      'for content types without their parameters and case',
      [{ content_types: ['Application/JSON'] }],
      { contentType: 'application/json; charset=utf-8' },
      true,
    ],
    ['not where the content type is missing', [{ content_types: ['application/json'] }], {}, false],
    ['not where it is empty, whatever the list', [{ content_types: ['', ';q=1'] }], { contentType: '' }, false],
    ['not where it is blank', [{ content_types: [' '] }], { contentType: ' ; charset=utf-8' }, false],
  ])('%s', async (_, conditions, context, expected) => {
    expect(await runs(conditions, context)).toBe(expected);
  });

  it('on what other hooks are about', async () => {
    const manager = await guarded({ prompts: ['p'], resources: ['r:1'], agents: ['a'] });
    const context = { requestId: '1' };
    const ran = async (outcome: Promise<{ metadata: Record<string, unknown> }>) =>
      (await outcome).metadata['ran'] === true;
    expect([
      await ran(manager.invokeHook('prompt_pre_fetch', { promptId: 'p' }, context)),
      await ran(manager.invokeHook('prompt_pre_fetch', { promptId: 'q' }, context)),
      await ran(manager.invokeHook('resource_pre_fetch', { uri: 'r:1' }, context)),
      await ran(manager.invokeHook('resource_pre_fetch', { uri: 'r:2' }, context)),
      await ran(manager.invokeHook('agent_pre_invoke', { agentId: 'a', messages: [] }, context)),
      await ran(manager.invokeHook('agent_pre_invoke', { agentId: 'b', messages: [] }, context)),
    ]).toEqual([true, false, true, false, true, false]);
  });

  it('by conditions on the payload as the caller gave it, whatever earlier plugins made of it', async () => {
    const renaming = definePlugin({ hooks: { tool_pre_invoke: () => ({ modifiedPayload: { name: 'renamed' } }) } });
    const hooks = ['tool_pre_invoke'];
    const manager = await start({
      kinds: { renaming, seen },
      config: {
        plugins: [
          { name: 'R', kind: 'renaming', hooks, priority: 1 },
          { name: 'S', kind: 'seen', hooks, conditions: [{ tools: ['search'] }] },
        ],
      },
    });
    const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'search' }, { requestId: '1' });
    expect(outcome).toMatchObject({ modifiedPayload: { name: 'renamed' }, metadata: { ran: true } });
  });
});

it('a plugin called by name runs whatever its conditions', async () => {
  const manager = await guarded({ tools: ['fetch'] });
  const outcome = await manager.invokeHookForPlugin(
    'S',
    'tool_pre_invoke',
    { name: 'search' },
    { globalContext: { requestId: '1' } },
  );
  expect(outcome.metadata).toEqual({ ran: true });
});
