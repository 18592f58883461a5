import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createManager, definePlugin, PluginError, silentLogger } from '../../src/index.js';

const unprintable = [
  Object.create(null) as object,
  { toString: () => Promise.reject(new Error('not text')).catch(() => 'late') },
  {
    toString(): string {
      throw new Error('no text');
    },
  },
  Object.defineProperty(new Error('hidden'), 'message', {
    get() {
      throw new Error('no message');
    },
  }),
  new Proxy(
    {},
    {
      has() {
        throw new Error('no questions');
      },
    },
  ),
  Symbol('a symbol'),
];

test('whatever a plugin throws, its caller gets a PluginError that names it', async () => {
  let thrown: unknown;
  const throws = definePlugin({
    hooks: {
      tool_pre_invoke() {
        throw thrown;
      },
    },
  });
  const rejects = definePlugin({ hooks: { tool_post_invoke: () => Promise.reject(thrown) } });
  await using manager = await createManager({
    kinds: { throws, rejects },
    logger: silentLogger,
    env: {},
    config: {
      plugins: [
        { name: 'Throws', kind: 'throws', hooks: ['tool_pre_invoke'] },
        { name: 'Rejects', kind: 'rejects', hooks: ['tool_post_invoke'] },
      ],
    },
  });
  const context = { requestId: 'r' };
  const check = async (value: unknown): Promise<void> => {
    thrown = value;
    const before = manager.invokeHook('tool_pre_invoke', { name: 't' }, context);
    await expect(before).rejects.toBeInstanceOf(PluginError);
    await expect(before).rejects.toMatchObject({ failure: { pluginName: 'Throws' } });
    const after = manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, context);
    await expect(after).rejects.toMatchObject({ failure: { pluginName: 'Rejects' } });
  };
  for (const value of unprintable) await check(value);
  await fc.assert(fc.asyncProperty(fc.anything(), check));
});
