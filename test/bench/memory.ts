import type { Step } from './chain/by-hand.js';
import { invoke, managerOf, repeat } from './chain/managers.js';
import { realSteps } from './chain/real-steps.js';
import { argsOfSize, requestsOf, smallArgs } from './chain/requests.js';
import { measurement, report } from './measurement.js';

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

const waiting: Step = {
  name: 'waiting',
  tenants: ['acme'],
  handle: async () => {
    await open;
    return undefined;
  },
};
let release = (): void => {};
const open = new Promise<void>((resolve) => {
  release = resolve;
});

{
  await using manager = await managerOf([waiting]);
  const next = requestsOf(smallArgs);
  const pending: Promise<unknown>[] = Array.from({ length: held });
  const before = await heap();
  for (let i = 0; i < held; i++) pending[i] = invoke(manager, next());
  const after = await heap();
  report([measurement('memory/live', 'bytes', (after - before) / held, 4_096)]);
  release();
  await Promise.all(pending);
}

{
  await using manager = await managerOf(realSteps);
  const next = requestsOf((index) => argsOfSize(1_024, index));
  const run = repeat(() => invoke(manager, next()));
  await run(20_000);
  const before = await heap();
  await run(invocations);
  const grown = Math.max(0, (await heap()) - before);
  report([measurement('memory/growth', 'bytes', grown, 2_097_152)]);
}
