import { expect, test } from 'vitest';
import { definePlugin } from '../../src/plugins/define-plugin.js';
import { createChainHarness } from '../../src/testing/chain-harness.js';

test('a plugin that hangs meets its deadline on the harness clock, and its spans and logs are kept', async () => {
  let aborted = false;
  const slow = definePlugin({
    hooks: {
      tool_pre_invoke: (_payload, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    },
  });
  const harness = await createChainHarness({
    plugins: [
      { name: 'slow', plugin: slow, hooks: ['tool_pre_invoke'], mode: 'permissive' },
      { name: 'guard', plugin: slow, hooks: ['tool_pre_invoke'] },
    ],
    pluginTimeoutMs: 100,
  });
  const invoked = harness.manager.invokeHook('tool_pre_invoke', { name: 'tool' }, { requestId: 'r' });
  await expect(harness.after(200, invoked)).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  expect(aborted).toBe(true);
  expect(harness.logger.lines('error')).toEqual(['plugin slow failed; its mode permissive lets the chain go on']);
  expect(harness.observability.spans.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'plugin.hook.invoke error',
    'plugin.execute.slow error',
    'plugin.execute.guard error',
  ]);
  await harness.close();
  expect(harness.clock.size).toBe(0);
});
