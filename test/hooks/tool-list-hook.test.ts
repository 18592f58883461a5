import { describe, expect, it } from 'vitest';
import { definePlugin, gatewayPolicies } from '../../src/index.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { start } from '../fixtures/manager/managers.js';

const tools = [
  { name: 'get', description: 'Gets.', inputSchema: { type: 'object', properties: { someKey: {} } } },
  { name: 'drop', description: 'Drops.', inputSchema: { type: 'object' } },
];
const context = { requestId: '1' };

/** Takes away what is called `drop`. */
const calm = definePlugin({
  hooks: {
    tool_list_post: ({ server, tools }) => ({
      modifiedPayload: { server, tools: tools.filter(({ name }) => name !== 'drop') },
    }),
  },
});
const host = (conditions: object[] = [], handler = calm) =>
  start({
    kinds: { calm: handler },
    config: { plugins: [{ name: 'Calm', kind: 'calm', hooks: ['tool_list_post'], conditions }] },
    policies: gatewayPolicies,
  });

describe('tool_list_post', () => {
  it('shows plugins the tools of a server, and takes what they leave of them', async () => {
    const manager = await host();
    const outcome = await manager.invokeHook('tool_list_post', { server: 's', tools }, context);
    expect(outcome.modifiedPayload).toEqual({ server: 's', tools: tools.slice(0, 1) });
  });

  it.each<[what: string, conditions: object[], listed: Record<string, unknown>[], runs: boolean]>([
    ['one of the tools is named', [{ tools: ['drop', 'other'] }], tools, true],
    ['none of them is', [{ tools: ['other'] }], tools, false],
    ['one has no name', [{ tools: ['other'] }], [{ name: 'get' }, {}], true],
    ['there are none', [{ tools: ['other'] }], [], true],
    ['a list of something else is', [{ prompts: ['other'] }], tools, true],
  ])('runs or does not run a plugin with conditions, where %s', async (_what, conditions, listed, runs) => {
    let seen = 0;
    const look = definePlugin({ hooks: { tool_list_post: () => void seen++ } });
    const manager = await host(conditions, look);
    await manager.invokeHook('tool_list_post', { server: 's', tools: listed }, context);
    expect(seen).toBe(runs ? 1 : 0);
  });

  it('lets no plugin say that the tools are those of another server', async () => {
    const other = definePlugin({ hooks: { tool_list_post: () => ({ modifiedPayload: { server: 't', tools: [] } }) } });
    const manager = await host([], other);
    const outcome = await manager.invokeHook('tool_list_post', { server: 's', tools }, context);
    expect(outcome.modifiedPayload).toEqual({ server: 's', tools: [] });
  });

  it.each([
    ['no server', { tools }],
    ['no tools', { server: 's' }],
    ['a tool that is no object', { server: 's', tools: ['get'] }],
  ])('refuses %s', async (_what, payload) => {
    const manager = await host();
    await expect(manager.invokeHook('tool_list_post', payload as never, context)).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
  });

  it('crosses the wire with tools as they are', () => {
    const codec = hookCodec(new HookRegistry().require('tool_list_post'));
    expect(codec.payload.encodeRequest({ server: 's', tools })).toEqual({ server: 's', tools });
  });
});
