import { expect, test } from 'vitest';
import { definePlugin, PluginViolationError } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';

test.each(['enforce', 'enforce_ignore_error', 'permissive'] as const)(
  'a thrown violation that is null denies in mode %s',
  async (mode) => {
    const plugin = definePlugin({
      hooks: {
        tool_pre_invoke() {
          throw new PluginViolationError('tool_pre_invoke', 'P', null);
        },
      },
    });
    await using harness = await createChainHarness({
      plugins: [{ name: 'P', plugin, hooks: ['tool_pre_invoke'], mode }],
    });
    const denied = harness.manager.invokeHook('tool_pre_invoke', { name: 'tool' }, { requestId: '1' });
    await expect(denied).rejects.toThrow(PluginViolationError);
  },
);
