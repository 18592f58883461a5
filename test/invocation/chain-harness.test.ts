import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
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

describe('closing a chain harness', () => {
  const hangs = () => new Promise<never>(() => {});
  const background = definePlugin({ hooks: { tool_pre_invoke: hangs } });
  const shutdown = definePlugin({ hooks: { tool_pre_invoke: () => undefined }, shutdown: hangs });

  it.each([
    ['runs in the background', { plugin: background, mode: 'fire_and_forget' as const }],
    ['does not shut down', { plugin: shutdown }],
  ])('comes to its end where a plugin hangs that %s', async (_, entry) => {
    const harness = await createChainHarness({ plugins: [{ name: 'p', hooks: ['tool_pre_invoke'], ...entry }] });
    await harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });
    await harness.close();
    expect(harness.clock.size).toBe(0);
    expect(harness.clock.now()).toBe(10_000);
  });

  it('waits for what a plugin does outside of the clock of the test', async () => {
    let isFlushed = false;
    const plugin = definePlugin({
      hooks: { tool_pre_invoke: () => undefined },
      shutdown: async () => {
        await setTimeout(50);
        isFlushed = true;
      },
    });
    const harness = await createChainHarness({ plugins: [{ name: 'p', hooks: ['tool_pre_invoke'], plugin }] });
    await harness.close();
    expect(isFlushed).toBe(true);
    expect(harness.clock.now()).toBe(0);
  });
});
