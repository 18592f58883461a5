import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { createManager, definePlugin, silentLogger } from '../../src/index.js';

const hooks = ['tool_pre_invoke'];
const tenants = ['acme', 'globex', 'initech'] as const;
const modes = ['sequential', 'audit', 'concurrent', 'fire_and_forget'] as const;

const plugin = fc.record({
  mode: fc.constantFrom(...modes),
  tenants: fc.option(fc.subarray([...tenants], { minLength: 1 }), { nil: undefined }),
  fails: fc.boolean(),
});

test.prop([fc.array(plugin, { minLength: 1, maxLength: 6 }), fc.array(fc.constantFrom(...tenants), { minLength: 1 })])(
  'of each request exactly those plugins run whose conditions match and that no earlier one has disabled',
  async (plugins, requests) => {
    let ran: number[] = [];
    const kinds = Object.fromEntries(
      plugins.map(({ fails }, index) => {
        const run = (): undefined => {
          ran.push(index);
          if (fails) throw new Error('as it does each time');
        };
        return [`plugin-${index}`, definePlugin({ hooks: { tool_pre_invoke: run } })];
      }),
    );
    await using manager = await createManager({
      config: {
        plugins: plugins.map(({ mode, tenants: wanted }, index) => ({
          name: `plugin-${index}`,
          kind: `plugin-${index}`,
          hooks,
          mode,
          on_error: 'disable' as const,
          ...(wanted && { conditions: [{ tenant_ids: wanted }] }),
        })),
      },
      kinds,
      logger: silentLogger,
      env: {},
    });
    const disabled = new Set<number>();
    for (const [number, tenantId] of requests.entries()) {
      ran = [];
      const context = { requestId: `request-${number}`, tenantId };
      const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'echo' }, context);
      await outcome.background;
      const matching = plugins.flatMap(({ tenants: wanted }, index) =>
        wanted === undefined || wanted.includes(tenantId) ? [index] : [],
      );
      const expected = matching.filter((index) => !disabled.has(index));
      expect(ran.toSorted((a, b) => a - b)).toEqual(expected);
      for (const index of expected) if (plugins[index]?.fails === true) disabled.add(index);
    }
  },
);
