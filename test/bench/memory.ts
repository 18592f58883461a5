import { createManager, definePlugin, silentLogger } from 'gatechart';
import { measurement, report } from './measurement.js';
import { context, payload } from './requests.js';

const held = 10_000;
const invocations = 200_000;

/** Bytes on the heap that something still needs. */
async function heap(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

let release = (): void => {};
const open = new Promise<void>((resolve) => {
  release = resolve;
});
const Waiting = definePlugin({ hooks: { tool_pre_invoke: () => open } });
const Nothing = definePlugin({ hooks: { tool_pre_invoke: async () => ({}) } });
const managerWith = (kind: string) =>
  createManager({
    config: { plugins: [{ name: 'plugin', kind, hooks: ['tool_pre_invoke'] }] },
    kinds: { Waiting, Nothing },
    logger: silentLogger,
    env: {},
  });

{
  await using manager = await managerWith('Waiting');
  const pending: Promise<unknown>[] = Array.from({ length: held });
  const before = await heap();
  for (let i = 0; i < held; i++) pending[i] = manager.invokeHook('tool_pre_invoke', payload, context);
  const after = await heap();
  report([measurement('memory/live', 'bytes', (after - before) / held, 4_096)]);
  release();
  await Promise.all(pending);
}

{
  await using manager = await managerWith('Nothing');
  for (let i = 0; i < 20_000; i++) await manager.invokeHook('tool_pre_invoke', payload, context);
  const before = await heap();
  for (let i = 0; i < invocations; i++) await manager.invokeHook('tool_pre_invoke', payload, context);
  const grown = Math.max(0, (await heap()) - before);
  report([measurement('memory/growth', 'bytes', grown, 2_097_152)]);
}
