import { expect, test } from 'vitest';
import type { PluginModeName } from '../../src/config/sections/plugin-modes.js';
import { definePlugin } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';

const modes: readonly PluginModeName[] = ['enforce', 'sequential', 'concurrent'];

test.each(modes)(
  'a denial of a hook of its own result stands in mode %s, whatever cannot be copied beside it',
  async (mode) => {
    const cyclic: { self?: object } = {};
    cyclic.self = cyclic;
    const guard = definePlugin({
      hooks: {
        http_auth_check_permission: () => ({
          modifiedPayload: { granted: false, reason: 'no', rest: cyclic } as never,
        }),
      },
    });
    await using harness = await createChainHarness({
      plugins: [{ name: 'guard', plugin: guard, hooks: ['http_auth_check_permission'], mode, onError: 'ignore' }],
    });
    const outcome = await harness.manager.invokeHook(
      'http_auth_check_permission',
      { userEmail: 'a@example.com', permission: 'tools.call', isAdmin: false },
      { requestId: '1' },
    );
    expect(outcome.modifiedPayload).toMatchObject({ granted: false, reason: 'no' });
  },
);
