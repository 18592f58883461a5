import { expect, test } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';

const passes = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
const blocks = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: false }) } });

/** Plugins in their order; those with a star have conditions that the request does not meet. */
async function countsOf(...order: readonly ('passes' | 'passes*' | 'blocks' | 'after' | 'after*')[]) {
  await using harness = await createChainHarness({
    plugins: order.map((what, index) => ({
      name: `p${index}`,
      plugin: what === 'blocks' ? blocks : passes,
      hooks: ['tool_pre_invoke'],
      mode: what.startsWith('after') ? 'fire_and_forget' : 'enforce',
      conditions: what.endsWith('*') ? [{ tools: ['another'] }] : [],
    })),
  });
  await harness.manager.invokeHook('tool_pre_invoke', { name: 'tool' }, { requestId: '1' });
  return harness.observability.spans.find(({ parent }) => parent === undefined)?.attributes;
}

test.each([
  [['passes', 'passes'], 0],
  [['passes', 'passes*'], 1],
  [['passes*', 'passes'], 1],
  [['passes*', 'blocks'], 1],
  [['passes*', 'blocks', 'passes*', 'passes'], 2],
  [['blocks', 'passes*'], 1],
  // Those of the background are on the hook too.
  [['passes', 'after', 'after*'], 1],
] as const)('of the plugins %j, %i are counted as skipped', async (order, skipped) => {
  expect(await countsOf(...order)).toMatchObject({
    'plugin.chain.length': order.length,
    'plugin.skipped_count': skipped,
  });
});
