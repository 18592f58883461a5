import { createChainHarness } from 'gatechart/testing';
import { expect, test } from 'vitest';
import { ownerCheck } from './owner-check.js';

const entry = { name: 'owner check', hooks: ['tool_pre_invoke'] };
const request = { requestId: 'request-1' };

test('a tool that nobody owns is blocked', async () => {
  const plugin = ownerCheck(async () => undefined);
  await using harness = await createChainHarness({ plugins: [{ ...entry, plugin }] });
  const outcome = await harness.manager.invokeHook('tool_pre_invoke', { name: 'delete_all' }, request);
  expect(outcome.continueProcessing).toBe(false);
  expect(outcome.violation?.code).toBe('NO_OWNER');
});

test('a directory that never answers is told to stop, and the call fails after its time-out', async () => {
  let told: AbortSignal | undefined;
  const plugin = ownerCheck((_name, signal) => {
    told = signal;
    return new Promise(() => {});
  });
  await using harness = await createChainHarness({ plugins: [{ ...entry, plugin }], pluginTimeoutMs: 2_000 });
  const invoked = harness.manager.invokeHook('tool_pre_invoke', { name: 'echo' }, request);
  await expect(harness.after(2_000, invoked)).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  expect(told?.aborted).toBe(true);
});

test('in permissive mode its failure is logged and the call goes on', async () => {
  const plugin = ownerCheck(async () => {
    throw new Error('directory down');
  });
  await using harness = await createChainHarness({ plugins: [{ ...entry, plugin, mode: 'permissive' }] });
  const outcome = await harness.manager.invokeHook('tool_pre_invoke', { name: 'echo' }, request);
  expect(outcome.continueProcessing).toBe(true);
  expect(harness.logger.lines('error')).toEqual([
    'plugin owner check failed; its mode permissive lets the chain go on',
  ]);
});
