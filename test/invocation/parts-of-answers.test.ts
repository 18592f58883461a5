import { expect, test } from 'vitest';
import { definePlugin, type PluginResult } from '../../src/index.js';
import { createChainHarness, type HarnessPlugin } from '../../src/testing/index.js';

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

/** An answer of which some parts can be taken and others not, however they are read. */
const answer = {
  metadata: cyclic,
  httpHeaders: { 'x-limit': '1' },
  modifiedPayload: { name: 'echo', args: { masked: true }, arguments: {} },
  retryDelayMs: 7,
};

async function invoke(odd: object, rest: Pick<HarnessPlugin, 'mode' | 'onError'> = {}) {
  const plugin = definePlugin({ hooks: { tool_pre_invoke: () => odd as PluginResult<never> } });
  await using harness = await createChainHarness({
    plugins: [{ name: 'odd', plugin, hooks: ['tool_pre_invoke'], ...rest }],
  });
  const outcome = await harness.manager.invokeHook('tool_pre_invoke', { name: 'echo' }, { requestId: '1' });
  return { outcome, warnings: harness.logger.lines('warn') };
}

test('of several parts of an answer that cannot be taken the first one is told', async () => {
  await expect(invoke(answer)).rejects.toThrow('contains itself');
  await expect(invoke({ ...answer, metadata: { a: 1 } })).rejects.toThrow('with unknown fields');
});

test('of an answer with one part that cannot be taken no other is', async () => {
  const { outcome } = await invoke(answer, { mode: 'sequential', onError: 'ignore' });
  expect(outcome).toMatchObject({ continueProcessing: true, metadata: {}, retryDelayMs: 0 });
  expect([outcome.modifiedPayload, outcome.httpHeaders]).toEqual([undefined, undefined]);
});

test('a block stands without its parts that cannot be taken, each of which is told in turn', async () => {
  const violation = { reason: 'r', description: 'd', code: 'C' };
  const block = { ...answer, continueProcessing: false, violation, denialMetadata: { score: 1 } };
  const { outcome, warnings } = await invoke(block, { mode: 'enforce_ignore_error' });
  expect(outcome).toMatchObject({
    continueProcessing: false,
    violation: { ...violation, pluginName: 'odd' },
    httpHeaders: answer.httpHeaders,
    denialMetadata: { score: 1 },
    metadata: {},
    retryDelayMs: 0,
  });
  // Its mode answers what the blocker was given.
  expect(outcome.modifiedPayload).toBe(undefined);
  expect(warnings.filter((line) => line.includes('left out'))).toEqual([
    expect.stringMatching(/^plugin odd: it blocks, and its metadata is left out: .*contains itself/),
    expect.stringMatching(/^plugin odd: it blocks, and its modified payload is left out: .*with unknown fields/),
  ]);
});
