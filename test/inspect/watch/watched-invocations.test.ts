import { expect, it } from 'vitest';
import { definePlugin } from '../../../src/index.js';
import { createLiveSource } from '../../../src/inspect/live/watch/create-live-source.js';
import { createChainHarness } from '../../../src/testing/index.js';

const context = { requestId: 'r1', tenantId: 'acme' };
const hooks = ['tool_pre_invoke'];
const pass = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
const masks = definePlugin({
  hooks: {
    tool_pre_invoke: ({ name, args }) => ({ modifiedPayload: { name, args: { ...args, query: 'masked' } } }),
  },
});
const blocks = definePlugin({
  hooks: {
    tool_pre_invoke: () => ({
      continueProcessing: false,
      violation: {
        code: 'SECRET_FOUND',
        reason: 'A secret in sk-12345678',
        description: '',
        details: { path: 'args.query' },
      },
    }),
  },
});
const hangs = definePlugin({ hooks: { tool_pre_invoke: () => new Promise<undefined>(() => undefined) } });
const throws = definePlugin({
  hooks: {
    tool_pre_invoke: () => {
      throw new Error('quotes sk-12345678');
    },
  },
});

it('tells how each plugin of a chain did, what it changed, and who decided', async () => {
  await using harness = await createChainHarness({
    plugins: [
      { name: 'Other', plugin: pass, hooks, conditions: [{ tools: ['http__get'] }] },
      { name: 'Masker', plugin: masks, hooks, mode: 'transform' },
      { name: 'Judge', plugin: blocks, hooks, mode: 'concurrent' },
      { name: 'Late', plugin: pass, hooks, mode: 'fire_and_forget' },
    ],
  });
  const source = createLiveSource(harness.manager);
  const payload = { name: 'search', args: { query: 'sk-12345678', limit: 3 } };
  await harness.manager.invokeHook('tool_pre_invoke', payload, context);
  const { delta } = source.since(0, 1000) ?? {};
  const [row] = delta?.invocations ?? [];
  expect(row).toMatchObject({
    requestId: 'r1',
    hook: 'tool_pre_invoke',
    subject: 'search',
    tenant: 'acme',
    outcome: 'blocked',
    by: 'Judge',
    ticks: [
      ['sequential', 'skipped'],
      ['transform', 'modified'],
      ['concurrent', 'blocked'],
      ['background', 'background'],
    ],
  });
  const detail = source.invocation(row?.id ?? '');
  expect(detail).toMatchObject({
    revision: 'r1',
    violation: {
      code: 'SECRET_FOUND',
      reason: 'A secret in …',
      at: expect.stringMatching(/^args\.#[0-9a-f]{8}$/) as string,
      counts: true,
    },
  });
  expect(detail?.steps[0]?.why).toBe('tools [http__get] does not match');
  expect(detail?.steps[1]?.diff).toMatchObject({
    changes: [{ kind: 'changed', was: { type: 'string', length: 11 }, now: { type: 'string', length: 6 } }],
    unchanged: 2,
    more: 0,
  });
  expect(JSON.stringify([delta, detail])).not.toContain('sk-12345678');
  expect(delta?.events?.map(({ e, to }) => `${e} ${to}`)).toContain('step.completed halted');
  source.close();
});

it('tells of time-outs, failures, cancelled invocations and what runs in the background', async () => {
  await using harness = await createChainHarness({
    pluginTimeoutMs: 500,
    plugins: [
      { name: 'Hanging', plugin: hangs, hooks, onError: 'ignore' },
      { name: 'Throwing', plugin: throws, hooks, onError: 'ignore' },
      { name: 'Late', plugin: throws, hooks, mode: 'fire_and_forget' },
    ],
  });
  const source = createLiveSource(harness.manager);
  const running = harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, context);
  await harness.clock.run(300);
  const [open] = source.since(0, 1000)?.delta.invocations ?? [];
  expect(open).toMatchObject({
    outcome: 'running',
    ticks: [
      ['sequential', 'running'],
      ['sequential', 'notReached'],
      ['background', 'background'],
    ],
  });
  expect(source.invocation(open?.id ?? '')?.deadline).toBeCloseTo((open?.t ?? 0) + 500, 0);
  const seq = source.seq;
  await harness.after(200, running);
  await harness.clock.run(1);
  const [row] = source.since(seq, 1000)?.delta.invocations ?? [];
  expect(row).toMatchObject({
    outcome: 'passed',
    decided: 500,
    ticks: [
      ['sequential', 'timedOut'],
      ['sequential', 'failed'],
      ['background', 'failed'],
    ],
  });
  const detail = source.invocation(row?.id ?? '');
  expect(detail?.steps[0]).toMatchObject({ t: 0, ms: 500, deadlineMs: 500, error: { code: 'PLUGIN_TIMEOUT' } });
  expect(detail?.steps[1]?.error).toMatchObject({ code: 'PLUGIN_FAILED' });
  expect(JSON.stringify(detail)).not.toContain('sk-12345678');
  const cancel = new AbortController();
  const cancelled = harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, context, { signal: cancel.signal });
  cancel.abort();
  await cancelled.catch(() => undefined);
  expect(source.since(source.seq, 1000)?.delta.invocations?.[0]).toMatchObject({ outcome: 'aborted' });
  source.close();
});
