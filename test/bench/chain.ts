import { createManager, definePlugin, type PluginManager, silentLogger } from 'gatechart';
import { AsyncSeriesHook } from 'tapable';
import { context, payload } from './requests.js';
import { contest, measurement, report } from './measurement.js';

type Step = (payload: unknown) => Promise<{ continueProcessing: boolean }>;
const nothing: Step = async () => ({ continueProcessing: true });

/** What one would write without a library: each step raced against a time-out. */
async function loop(steps: readonly Step[], value: unknown): Promise<{ continueProcessing: boolean }> {
  for (const step of steps) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('timeout')), 30_000);
    });
    try {
      const result = await Promise.race([step(value), late]);
      if (!result.continueProcessing) return result;
    } finally {
      clearTimeout(timer);
    }
  }
  return { continueProcessing: true };
}

function managerOf(count: number): Promise<PluginManager> {
  const Nothing = definePlugin({ hooks: { tool_pre_invoke: nothing } });
  const plugins = Array.from({ length: count }, (_, index) => ({
    name: `nothing-${index}`,
    kind: 'Nothing',
    hooks: ['tool_pre_invoke'],
  }));
  return createManager({ config: { plugins }, kinds: { Nothing }, logger: silentLogger, env: {} });
}

const repeat =
  (run: () => Promise<unknown>) =>
  async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await run();
  };

const invoke = (manager: PluginManager) => repeat(() => manager.invokeHook('tool_pre_invoke', payload, context));

const empty = await managerOf(0);
const bare = await contest({ ours: invoke(empty), reference: repeat(() => nothing(payload)), count: 20_000 });
report([measurement('chain/0', 'µs', bare.ours, bare.reference)]);
await empty.close();

for (const [steps, count] of [
  [1, 20_000],
  [5, 10_000],
  [20, 5_000],
] as const) {
  const manager = await managerOf(steps);
  const chain = Array.from({ length: steps }, () => nothing);
  const figures = await contest({ ours: invoke(manager), reference: repeat(() => loop(chain, payload)), count });
  report([measurement(`chain/${steps}`, 'µs', figures.ours, figures.reference)]);

  const hook = new AsyncSeriesHook<[unknown]>(['payload']);
  for (let index = 0; index < steps; index++) hook.tapPromise(`nothing-${index}`, async () => {});
  const taps = await contest({
    ours: invoke(manager),
    reference: repeat(() => hook.promise(payload)),
    count,
    rounds: 5,
  });
  report([measurement(`chain/${steps}-tapable (information)`, 'µs', taps.ours, taps.reference)]);
  await manager.close();
}

const [quiet, watched] = [await managerOf(20), await managerOf(20)];
watched.inspect(() => {});
const inspected = await contest({ ours: invoke(watched), reference: invoke(quiet), count: 2_000 });
report([measurement('chain/20-inspected', 'µs', inspected.ours, inspected.reference)]);
await Promise.all([quiet.close(), watched.close()]);
