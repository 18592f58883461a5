import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createManager, definePlugin, type PluginManager, silentLogger } from 'gatechart';
import { createRecorder, type Recorder } from 'gatechart/inspect';
import { AsyncSeriesHook } from 'tapable';
import { createLiveSource } from '../../dist/src/inspect/live/watch/create-live-source.js';
import { context, payload } from './requests.js';
import { contest, measurement, report } from './measurement.js';

type Result = { readonly continueProcessing: boolean };
type Step = (payload: unknown) => Promise<Result>;
const nothing: Step = async () => ({ continueProcessing: true });
const waiting: Step = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 1, { continueProcessing: true });
  });

/** What one would write without a library: each step raced against a time-out. */
async function loop(steps: readonly Step[], value: unknown): Promise<Result> {
  for (const step of steps) {
    const result = await inTime(step, value);
    if (!result.continueProcessing) return result;
  }
  return { continueProcessing: true };
}

/** The same for steps that run side by side. */
async function sideBySide(steps: readonly Step[], value: unknown): Promise<Result> {
  const results = await Promise.all(steps.map((step) => inTime(step, value)));
  return results.find(({ continueProcessing }) => !continueProcessing) ?? { continueProcessing: true };
}

async function inTime(step: Step, value: unknown): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), 30_000);
  });
  try {
    return await Promise.race([step(value), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Plugins that all do the same, one for each mode. */
function managerOf(
  modes: readonly string[],
  step = nothing,
  more: { readonly recorder?: Recorder } = {},
): Promise<PluginManager> {
  const Step = definePlugin({ hooks: { tool_pre_invoke: step } });
  const plugins = modes.map((mode, index) => ({
    name: `step-${index}`,
    kind: 'Step',
    mode,
    hooks: ['tool_pre_invoke'],
  }));
  return createManager({ config: { plugins }, kinds: { Step }, logger: silentLogger, env: {}, ...more });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

const repeat =
  (run: () => Promise<unknown>) =>
  async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await run();
  };

const invoke = (manager: PluginManager) => repeat(() => manager.invokeHook('tool_pre_invoke', payload, context));

const empty = await managerOf([]);
const bare = await contest({ ours: invoke(empty), reference: repeat(() => nothing(payload)), count: 20_000 });
report([measurement('chain/0', 'µs', bare.ours, bare.reference)]);
await empty.close();

for (const [steps, count] of [
  [1, 20_000],
  [5, 10_000],
  [20, 5_000],
] as const) {
  const manager = await managerOf(times(steps, 'enforce'));
  const chain = times(steps, nothing);
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

{
  const modes = ['sequential', 'transform', 'audit', 'concurrent', 'fire_and_forget'];
  const [phases, five] = [await managerOf(modes), await managerOf(times(5, 'enforce'))];
  const figures = await contest({ ours: invoke(phases), reference: invoke(five), count: 10_000 });
  report([measurement('chain/5-phases', 'µs', figures.ours, figures.reference)]);
  await Promise.all([phases.close(), five.close()]);
}

{
  const manager = await managerOf(times(4, 'concurrent'), waiting);
  const branches = times(4, waiting);
  const figures = await contest({
    ours: invoke(manager),
    reference: repeat(() => sideBySide(branches, payload)),
    count: 200,
  });
  report([measurement('chain/concurrent-4', 'µs', figures.ours, figures.reference)]);
  await manager.close();
}

const enforced = times(20, 'enforce');
const [quiet, watched] = [await managerOf(enforced), await managerOf(enforced)];
watched.inspect(() => {});
const inspected = await contest({ ours: invoke(watched), reference: invoke(quiet), count: 2_000 });
report([measurement('chain/20-inspected', 'µs', inspected.ours, inspected.reference)]);
await Promise.all([quiet.close(), watched.close()]);

// Many requests, and not one that is made over and over: they are sampled by their ids.
let requests = 0;
const invokeEach = (manager: PluginManager, after: () => void) =>
  repeat(async () => {
    await manager.invokeHook('tool_pre_invoke', payload, { requestId: `request-${requests++}` });
    after();
  });

for (const [name, isRead] of [
  ['chain/20-watched', false],
  ['chain/20-watched-read', true],
] as const) {
  const [alone, seen] = [await managerOf(enforced), await managerOf(enforced)];
  const source = createLiveSource(seen);
  let seq = source.seq;
  let readAt = performance.now();
  /** As a page that is open does: what is new, thirty times a second, as text. No timer would fire meanwhile. */
  const read = (): void => {
    if (!isRead || performance.now() - readAt < 1000 / 30) return;
    readAt = performance.now();
    const answer = source.since(seq, 2_000);
    JSON.stringify([answer ?? [...source.snapshot()], source.samples()]);
    seq = source.seq;
  };
  const nothingAfter = (): void => {};
  const figures = await contest({
    ours: invokeEach(seen, isRead ? read : nothingAfter),
    reference: invokeEach(alone, nothingAfter),
    count: 5_000,
  });
  report([measurement(name, 'µs', figures.ours, figures.reference)]);
  source.close();
  await Promise.all([alone.close(), seen.close()]);
}

{
  const folder = await mkdtemp(join(tmpdir(), 'gatechart-bench-'));
  const recorder = createRecorder({ file: join(folder, 'chain.jsonl') });
  const alone = await managerOf(enforced);
  const recorded = await managerOf(enforced, nothing, { recorder });
  // A process that does nothing else for long would write nothing meanwhile.
  const paused = (manager: PluginManager) => async (count: number) => {
    for (let done = 0; done < count; done += 500) {
      await invokeEach(manager, () => {})(Math.min(500, count - done));
      await setImmediate();
    }
  };
  const figures = await contest({ ours: paused(recorded), reference: paused(alone), count: 5_000 });
  report([measurement('chain/20-recorded', 'µs', figures.ours, figures.reference)]);
  await Promise.all([alone.close(), recorded.close()]);
  await recorder.close();
  await rm(folder, { recursive: true });
}
