import { expect, it } from 'vitest';
import {
  definePlugin,
  type Extensions,
  guardClient,
  type GuardedRequest,
  guardTool,
  type PluginContext,
  type PluginManager,
  type ToolCall,
} from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';
import { contextOf } from '../fixtures/guard/guards.js';

/** Runs with a manager whose plugin labels what is asked; gives back the extensions that its hooks were shown. */
async function watching(use: (manager: PluginManager) => Promise<unknown>): Promise<unknown[]> {
  const seen: (Extensions | undefined)[] = [];
  const watch = (_payload: unknown, { extensions }: PluginContext) => {
    seen.push(extensions);
    return { modifiedExtensions: { security: { labels: [...(extensions?.security?.labels ?? []), 'asked'] } } };
  };
  const plugin = definePlugin({ hooks: { tool_pre_invoke: watch, tool_post_invoke: watch } });
  await using harness = await createChainHarness({
    plugins: [{ name: 'a', plugin, hooks: ['tool_pre_invoke', 'tool_post_invoke'], capabilities: ['append_labels'] }],
  });
  await use(harness.manager);
  return seen;
}

const answer = { content: [{ type: 'text', text: 'hello' }] };
const request = { traceId: 't' };

it('a guarded client tells plugins of a request what its host says, and after it what plugins made of that', async () => {
  const asked: GuardedRequest[] = [];
  const extensionsOf = (one: GuardedRequest): Extensions => {
    asked.push(one);
    return { request };
  };
  const client = { callTool: (_params: unknown) => Promise.resolve(answer) };
  const seen = await watching((manager) =>
    guardClient(client, manager, contextOf, { extensionsOf }).callTool({ name: 'echo', arguments: {} }),
  );
  expect(asked).toEqual([{ method: 'tools/call', params: { name: 'echo', arguments: {} } }]);
  expect(seen).toEqual([{ request }, { request, security: { labels: ['asked'] } }]);
});

it('a guarded tool does the same', async () => {
  const asked: ToolCall[] = [];
  const extensionsOf = async (call: ToolCall): Promise<Extensions> => {
    asked.push(call);
    return Promise.resolve({ request });
  };
  const echo = (args: object): object => args;
  const seen = await watching((manager) => guardTool(echo, manager, contextOf, { extensionsOf })({ a: 1 }));
  expect(asked).toEqual([{ name: 'echo', args: { a: 1 }, rest: [] }]);
  expect(seen).toEqual([{ request }, { request, security: { labels: ['asked'] } }]);
});

it('a guard whose host says nothing hands on what plugins say', async () => {
  const echo = (args: object): object => args;
  const seen = await watching((manager) => guardTool(echo, manager, contextOf)({ a: 1 }));
  expect(seen).toEqual([undefined, { security: { labels: ['asked'] } }]);
});

it('a call fails, before it is made, where what its host says of it is no extensions', async () => {
  let calls = 0;
  const echo = (_args: object): number => ++calls;
  const extensionsOf = (): Extensions => ({ trace: 't' }) as Extensions;
  const called = watching((manager) => guardTool(echo, manager, contextOf, { extensionsOf })({ a: 1 }));
  await expect(called).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
  expect(calls).toBe(0);
});
