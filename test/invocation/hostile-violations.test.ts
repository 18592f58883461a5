import { expect, test } from 'vitest';
import type { PluginModeName } from '../../src/config/sections/plugin-modes.js';
import { definePlugin, PluginViolationError } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';

/** Headers that can be read so often, and then no more. */
function headersUntil(reads: number): Record<string, string> {
  let left = reads;
  return new Proxy(
    { a: 'b' },
    {
      ownKeys(target) {
        if (--left < 0) throw new Error('no more');
        return Reflect.ownKeys(target);
      },
    },
  );
}

const modes: readonly PluginModeName[] = ['enforce', 'sequential', 'concurrent'];
const cases = modes.flatMap((mode) => [0, 1, 2, 3].map((reads) => ({ mode, reads })));

test.each(cases)('a denial in mode $mode stands whose headers can be read $reads times', async ({ mode, reads }) => {
  const violation = () => ({ reason: 'no', description: 'no', code: 'NO', httpHeaders: headersUntil(reads) });
  const handlers = {
    answered: () => ({ continueProcessing: false, violation: violation() }),
    thrown: () => {
      throw new PluginViolationError('a hook', 'a plugin', violation());
    },
    'thrown later': async () => {
      await Promise.resolve();
      throw new PluginViolationError('a hook', 'a plugin', violation());
    },
  };
  for (const [how, tool_pre_invoke] of Object.entries(handlers)) {
    await using harness = await createChainHarness({
      pluginTimeoutMs: 100,
      plugins: [
        {
          name: 'guard',
          plugin: definePlugin({ hooks: { tool_pre_invoke } }),
          hooks: ['tool_pre_invoke'],
          mode,
          onError: 'ignore',
        },
      ],
    });
    const invoked = harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });
    const denied = await harness.after(1_000, outcomeOf(invoked));
    expect(denied, how).toMatchObject(
      how === 'answered' ? { blocks: true } : { code: 'PLUGIN_VIOLATION', plugin: 'guard' },
    );
  }
});
