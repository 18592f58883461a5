import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type PluginManager } from 'gatechart';
import { createRecorder } from 'gatechart/inspect';
import { createLiveSource } from '../../../dist/src/inspect/live/watch/create-live-source.js';
import { compared, contest, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { invoke, managerOf, repeat } from './managers.js';
import { requestsOf, smallArgs } from './requests.js';
import { silentSteps } from './silent-steps.js';

// The silent chain of twenty with somebody who watches, and without.

stayOnOneCore();
const next = requestsOf(smallArgs);
const steps = silentSteps(20);

{
  await using quiet = await managerOf(steps);
  await using watched = await managerOf(steps);
  watched.inspect(() => {});
  const { wall } = await contest({
    ours: repeat(() => invoke(watched, next())),
    reference: repeat(() => invoke(quiet, next())),
    count: 2_000,
  });
  report([compared('chain/20-inspected', 'µs', wall)]);
}

let requests = 0;
/** Each request with an id of its own: they are sampled by their ids. */
const invokeEach = (manager: PluginManager, after?: () => void) =>
  repeat(async () => {
    const { payload, context } = next();
    context.requestId = `request-${requests++}`;
    await manager.invokeHook('tool_pre_invoke', payload, context);
    after?.();
  });

for (const [name, isRead] of [
  ['chain/20-watched', false],
  ['chain/20-watched-read', true],
] as const) {
  await using alone = await managerOf(steps);
  await using seen = await managerOf(steps);
  const source = createLiveSource(seen);
  let seq = source.seq;
  let readAt = performance.now();
  /** As a page that is open does: what is new, thirty times a second, as text. No timer would fire meanwhile. */
  const read = (): void => {
    if (performance.now() - readAt < 1000 / 30) return;
    readAt = performance.now();
    const answer = source.since(seq, 2_000);
    JSON.stringify([answer ?? [...source.snapshot()], source.samples()]);
    seq = source.seq;
  };
  const { wall } = await contest({
    ours: invokeEach(seen, isRead ? read : undefined),
    reference: invokeEach(alone),
    count: 5_000,
  });
  report([compared(name, 'µs', wall)]);
  source.close();
}

{
  const folder = await mkdtemp(join(tmpdir(), 'gatechart-bench-'));
  const recorder = createRecorder({ file: join(folder, 'chain.jsonl') });
  await using alone = await managerOf(steps);
  await using recorded = await managerOf(steps, { recorder });
  // A process that does nothing else for long would write nothing meanwhile.
  const paused = (manager: PluginManager) => async (count: number) => {
    for (let done = 0; done < count; done += 500) {
      await invokeEach(manager)(Math.min(500, count - done));
      await setImmediate();
    }
  };
  const { wall } = await contest({ ours: paused(recorded), reference: paused(alone), count: 5_000 });
  report([compared('chain/20-recorded', 'µs', wall)]);
  await recorder.close();
  await rm(folder, { recursive: true });
}
