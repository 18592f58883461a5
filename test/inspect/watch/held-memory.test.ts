import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { definePlugin } from '../../../src/index.js';
import { createLiveSource } from '../../../src/inspect/live/watch/create-live-source.js';
import { estimatedBytes } from '../../../src/inspect/live/watch/model/estimated-bytes.js';
import { createChainHarness } from '../../../src/testing/index.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

it('a value is never held to be much smaller than it is, wherever the large part of it stands', () => {
  const large = 'x'.repeat(1_000_000);
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.boolean(), fc.nat(60), (before, after, isList, depth) => {
      const parts: unknown[] = [...Array<string>(before).fill('x'), large, ...Array<string>(after).fill('x')];
      let value: unknown = isList ? parts : Object.fromEntries(parts.map((part, index) => [`k${index}`, part]));
      for (let level = 0; level < depth; level++) value = { args: value };
      expect(estimatedBytes(value)).toBeGreaterThanOrEqual(large.length);
    }),
    { numRuns: 40 },
  );
});

it('of an invocation that has ended, neither it nor its events hold what its caller gave', async () => {
  const pass = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
  await using harness = await createChainHarness({
    plugins: [{ name: 'Pass', plugin: pass, hooks: ['tool_pre_invoke'] }],
  });
  const source = createLiveSource(harness.manager);
  const given = await invokedWith(async (metadata) => {
    await harness.manager.invokeHook('tool_pre_invoke', { name: 'search', args: {} }, { requestId: '1', metadata });
  });
  // Others take the place of what was used last.
  await invokedWith(async (metadata) => {
    await harness.manager.invokeHook('tool_pre_invoke', { name: 'search', args: {} }, { requestId: '2', metadata });
  });
  for (let round = 0; round < 5; round++) {
    await turn();
    collect();
  }
  const { delta } = source.since(0, 1_000) ?? {};
  expect(delta?.invocations).toHaveLength(2);
  expect(delta?.events?.length).toBeGreaterThan(3);
  expect(given.deref()).toBe(undefined);
  source.close();
});

async function invokedWith(invoke: (metadata: Record<string, unknown>) => Promise<void>): Promise<WeakRef<object>> {
  const held = { of: 'the caller' };
  await invoke({ held });
  return new WeakRef(held);
}
