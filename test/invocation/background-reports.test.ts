import { expect, test } from 'vitest';
import { definePlugin, type HookOutcome } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';

function inBackground(name: string, handle: (state: Record<string, unknown>) => Promise<void>) {
  const plugin = definePlugin({
    hooks: {
      async tool_pre_invoke(_payload, { globalContext }) {
        await handle((globalContext.state ??= {}));
        return {};
      },
    },
  });
  return { name, plugin, hooks: ['tool_pre_invoke'], mode: 'fire_and_forget' } as const;
}

test('who asks after the end is told the same as who asked before', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const failing = inBackground('failing', () => Promise.reject(new Error('broken')));
  await using harness = await createChainHarness({ plugins: [inBackground('waiting', () => released), failing] });
  const invoke = (): Promise<HookOutcome> =>
    harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });
  const [asked, unasked] = [await invoke(), await invoke()];
  const before = asked.background;
  release();
  const reports = await before;
  expect(reports).toMatchObject([
    { plugin: 'waiting', status: 'completed' },
    { plugin: 'failing', status: 'failed', error: { code: 'PLUGIN_FAILED' } },
  ]);
  expect([reports, ...reports].every(Object.isFrozen)).toBe(true);
  expect(asked.background).toBe(before);

  const later = await unasked.background;
  expect(later).toMatchObject(reports.map(({ plugin, status }) => ({ plugin, status })));
  expect([later, ...later].every(Object.isFrozen)).toBe(true);
});

test('one that writes to a request without state leaves nothing to those beside it', async () => {
  const seen: object[] = [];
  const plugins = ['first', 'second'].map((name) =>
    inBackground(name, (state) => {
      seen.push({ ...state });
      state[name] = true;
      return Promise.resolve();
    }),
  );
  await using harness = await createChainHarness({ plugins });
  for (let round = 0; round < 2; round++) {
    const context = { requestId: '1', state: {}, metadata: {} };
    await (await harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, context)).background;
    expect(context.state).toEqual({});
  }
  expect(seen).toEqual([{}, {}, {}, {}]);
});
