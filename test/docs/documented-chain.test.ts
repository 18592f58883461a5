import { describe, expect, it, test } from 'vitest';
import { createChainHarness } from '../../src/testing/index.js';
import { definePlugin, type PluginContexts } from '../../src/index.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';

const hooks = ['tool_pre_invoke'];
const tool = { name: 't' };

describe('a plugin that is called by name', () => {
  it.each([true, false])(
    'answers its retry delay and `_decision_plugin` as it gave them (blocks: %s)',
    async (blocks) => {
      const answer = { metadata: { _decision_plugin: 'mine', a: 1 }, retryDelayMs: 250 };
      const plugin = definePlugin({
        hooks: { tool_pre_invoke: () => ({ ...answer, continueProcessing: blocks ? false : undefined }) },
      });
      await using harness = await createChainHarness({ plugins: [{ name: 'P', plugin, hooks }] });
      const context = { globalContext: { requestId: '1' } };
      const named = await harness.manager.invokeHookForPlugin('P', 'tool_pre_invoke', tool, context);
      expect(named).toMatchObject({ ...answer, continueProcessing: !blocks });
      const chain = await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
      expect(chain.metadata).toEqual({ a: 1 });
      expect(chain.retryDelayMs).toBe(blocks ? 0 : 250);
    },
  );

  it('leaves in the global state what it left there when it fails', async () => {
    for (const mode of ['enforce', 'permissive', 'audit'] as const) {
      const plugin = definePlugin({
        hooks: {
          tool_pre_invoke(_payload, { globalContext, state }) {
            (globalContext.state ??= {})['left'] = { at: 1 };
            delete globalContext.state['old'];
            state['noted'] = true;
            throw new Error('no');
          },
        },
      });
      await using harness = await createChainHarness({ plugins: [{ name: 'P', plugin, hooks, mode }] });
      const context: Parameters<typeof harness.manager.invokeHookForPlugin>[3] = {
        globalContext: { requestId: '1', state: { old: 1 } },
      };
      await outcomeOf(harness.manager.invokeHookForPlugin('P', 'tool_pre_invoke', tool, context));
      expect(context.globalContext.state).toEqual({ left: { at: 1 } });
      expect(context.state).toEqual({ noted: true });
    }
  });

  it('is held to the payload limit', async () => {
    const plugin = definePlugin({ hooks: { tool_pre_invoke: () => ({}) } });
    await using harness = await createChainHarness({ plugins: [{ name: 'P', plugin, hooks }], maxPayloadSize: 10 });
    const large = { name: 't', args: { a: 'x'.repeat(20) } };
    const context = { globalContext: { requestId: '1' } };
    const called = harness.manager.invokeHookForPlugin('P', 'tool_pre_invoke', large, context);
    expect(await outcomeOf(called)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});

describe('spans of hooks', () => {
  const passing = definePlugin({ hooks: { tool_pre_invoke: () => ({}) } });
  const blocking = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: false }) } });
  const elsewhere = { hooks, conditions: [{ server_ids: ['elsewhere'] }] };

  it('count as skipped whom conditions kept out, behind a block too', async () => {
    await using harness = await createChainHarness({
      plugins: [
        { name: 'Out', plugin: passing, ...elsewhere },
        { name: 'In', plugin: passing, hooks },
        { name: 'Block', plugin: blocking, hooks },
        { name: 'Behind', plugin: passing, hooks },
        { name: 'Out behind', plugin: passing, ...elsewhere },
      ],
    });
    await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
    expect(harness.observability.spans[0]?.attributes).toMatchObject({
      'plugin.chain.length': 5,
      'plugin.executed_count': 2,
      'plugin.skipped_count': 2,
      'plugin.chain.stopped_by': 'Block',
    });
  });

  it('are there for a chain of which every plugin is skipped', async () => {
    await using harness = await createChainHarness({ plugins: [{ name: 'Out', plugin: passing, ...elsewhere }] });
    await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
    expect(harness.observability.spans).toHaveLength(1);
    expect(harness.observability.spans[0]).toMatchObject({
      name: 'plugin.hook.invoke',
      attributes: { 'plugin.chain.length': 1, 'plugin.executed_count': 0, 'plugin.skipped_count': 1 },
    });
  });
});

describe('the table of contexts', () => {
  const quiet = definePlugin({ hooks: { tool_pre_invoke: () => ({}), tool_post_invoke: () => ({}) } });
  const noting = definePlugin({
    hooks: { tool_pre_invoke: (_payload, { state }) => void (state['n'] = 1), tool_post_invoke: () => ({}) },
  });

  it('has an entry for every plugin that ran, and for no other', async () => {
    const blocking = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: false }) } });
    await using harness = await createChainHarness({
      plugins: [
        { name: 'Out', plugin: quiet, hooks, conditions: [{ tools: ['other'] }] },
        { name: 'Quiet', plugin: quiet, hooks },
        { name: 'Noting', plugin: noting, hooks },
        { name: 'Block', plugin: blocking, hooks },
        { name: 'Behind', plugin: quiet, hooks },
      ],
    });
    const { contexts } = await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
    expect(contexts?.size).toBe(3);
    const states = contexts?.entriesOf('1').map(([, { state }]) => state);
    expect(states).toHaveLength(3);
    expect(states).toEqual(expect.arrayContaining([{}, { n: 1 }, {}]));
  });

  it('keeps the notes of plugins that a later hook skips', async () => {
    const both = ['tool_pre_invoke', 'tool_post_invoke'];
    await using harness = await createChainHarness({
      plugins: [
        { name: 'Noting', plugin: noting, hooks: both, conditions: [{ tools: ['t'] }] },
        { name: 'Quiet', plugin: quiet, hooks: both },
      ],
    });
    const { manager } = harness;
    const before = await manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
    const options = { contexts: before.contexts as PluginContexts };
    const after = await manager.invokeHook(
      'tool_post_invoke',
      { name: 'other', result: 1 },
      { requestId: '1' },
      options,
    );
    expect(after.contexts?.entriesOf('1').map(([, { state }]) => state)).toContainEqual({ n: 1 });
  });
});

test('`user_patterns: [""]` matches every user with a name, and no empty one', async () => {
  const ran: unknown[] = [];
  const plugin = definePlugin({
    hooks: { tool_pre_invoke: (_payload, { globalContext }) => void ran.push(globalContext.user) },
  });
  await using harness = await createChainHarness({
    plugins: [{ name: 'P', plugin, hooks, conditions: [{ user_patterns: [''] }] }],
  });
  for (const user of ['', null, undefined, { email: '' }, {}, 'ada', { email: 'ada@example.com' }]) {
    await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1', user });
  }
  expect(ran).toEqual(['ada', { email: 'ada@example.com' }]);
});

test('nothing of a plugin whose answer is invalid is merged', async () => {
  const plugin = definePlugin({
    hooks: {
      tool_pre_invoke(_payload, { globalContext, state }) {
        (globalContext.state ??= {})['left'] = true;
        state['noted'] = true;
        return { metadata: { a: 1 }, modifiedPayload: { name: 'changed' }, unknown: 1 } as never;
      },
    },
  });
  await using harness = await createChainHarness({
    plugins: [{ name: 'P', plugin, hooks, mode: 'enforce_ignore_error' }],
  });
  const context = { requestId: '1', state: {} };
  const outcome = await harness.manager.invokeHook('tool_pre_invoke', tool, context);
  expect(outcome).toMatchObject({ continueProcessing: true, modifiedPayload: undefined, metadata: {} });
  expect(context.state).toEqual({});
});

test('an unknown hook is an error, and a hook that is listed twice runs once', async () => {
  let runs = 0;
  const plugin = definePlugin({ hooks: { tool_pre_invoke: () => void runs++ } });
  await using harness = await createChainHarness({ plugins: [{ name: 'P', plugin, hooks: [...hooks, ...hooks] }] });
  await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
  expect(runs).toBe(1);
  expect(
    await outcomeOf(harness.manager.invokeHook('tool_pre' as never, tool as never, { requestId: '1' })),
  ).toMatchObject({
    code: 'HOOK_UNKNOWN',
  });
});

test('a payload that is no object is never taken', async () => {
  for (const policy of [{}, { tool_pre_invoke: { writable: ['name'] } }]) {
    for (const modifiedPayload of ['text', 5, [1], true]) {
      const plugin = definePlugin({ hooks: { tool_pre_invoke: () => ({ modifiedPayload }) as never } });
      await using harness = await createChainHarness({ plugins: [{ name: 'P', plugin, hooks }], policies: policy });
      const outcome = await harness.manager.invokeHook('tool_pre_invoke', tool, { requestId: '1' });
      expect(outcome.modifiedPayload).toBeUndefined();
    }
  }
});

test('a blocked `http_*` hook answers nothing, and a handler that answers nothing passes', async () => {
  const blocking = definePlugin({
    hooks: { http_pre_request: () => ({ continueProcessing: false, modifiedPayload: { 'x-a': '1' } }) },
  });
  const quiet = definePlugin({ hooks: { http_pre_request: () => undefined } });
  const request = { path: '/', method: 'GET', headers: {} };
  await using blocked = await createChainHarness({
    plugins: [{ name: 'P', plugin: blocking, hooks: ['http_pre_request'] }],
  });
  expect(await blocked.manager.invokeHook('http_pre_request', request, { requestId: '1' })).toMatchObject({
    continueProcessing: false,
    modifiedPayload: undefined,
  });
  await using passed = await createChainHarness({
    plugins: [{ name: 'P', plugin: quiet, hooks: ['http_pre_request'] }],
  });
  expect(await passed.manager.invokeHook('http_pre_request', request, { requestId: '1' })).toMatchObject({
    continueProcessing: true,
  });
});
