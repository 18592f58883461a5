import { expect, it } from 'vitest';
import { blockingSteps } from '../bench/chain/blocking-steps.js';
import { loop } from '../bench/chain/by-hand.js';
import { invoke, managerOf } from '../bench/chain/managers.js';
import { isolatedRealLoop, realLoop } from '../bench/chain/real-by-hand.js';
import { realSteps } from '../bench/chain/real-steps.js';
import { argsOfSize, type ChainRequest, requestsOf, smallArgs } from '../bench/chain/requests.js';
import { silentSteps } from '../bench/chain/silent-steps.js';

/** The same requests for both sides, the first of them. */
function pairsOf(
  argsOf: (index: number) => Record<string, unknown>,
  count = 5,
): [ours: ChainRequest, theirs: ChainRequest][] {
  const [ours, theirs] = [requestsOf(argsOf), requestsOf(argsOf)];
  return Array.from({ length: count }, () => [structuredClone(ours()), structuredClone(theirs())]);
}

it.each([
  ['1 KB', 1_024, realLoop],
  ['100 KB', 102_400, isolatedRealLoop],
])('a real chain of the benchmarks, over %s, does what the loop beside it does', async (_size, bytes, byHand) => {
  await using manager = await managerOf(realSteps);
  for (const [ours, theirs] of pairsOf((index) => argsOfSize(bytes, index))) {
    const { args } = ours.payload;
    const call = { ...args };
    const length = JSON.stringify({ name: ours.payload.name, args: { ...args, call: undefined } }).length;
    expect(length).toBe(bytes);
    const outcome = await invoke(manager, ours);
    const expected = await byHand(realSteps, theirs);
    expect(outcome.modifiedPayload).toEqual(expected.modifiedPayload);
    expect(outcome.modifiedPayload?.args).toEqual({ ...call, apiKey: 'key-…' });
    expect(outcome.metadata).toEqual(expected.metadata);
    expect(outcome.metadata).toMatchObject({ quota: { user: 'ada@example.org', call: call['call'], left: 99 } });
    expect(outcome.executions?.map(({ status }) => status)).toEqual(realSteps.map(() => 'completed'));
    expect(ours.context).toEqual(theirs.context);
    // By ids that are made up there, and by names here.
    const kept = (outcome.contexts?.entriesOf(ours.context.requestId) ?? []).map(([, local]) => JSON.stringify(local));
    expect(kept.sort()).toEqual([...expected.contexts.values()].map((local) => JSON.stringify(local)).sort());
    expect(kept).toContain('{"state":{"calls":1},"metadata":{}}');
    expect(ours.payload).toEqual(theirs.payload);
    expect(ours.payload.args['apiKey']).toMatch(/^key-\d+-/);
  }
});

it('a chain of the benchmarks that blocks answers what the loop beside it does', async () => {
  await using manager = await managerOf(blockingSteps());
  for (const [ours, theirs] of pairsOf(smallArgs)) {
    const { continueProcessing, violation, executions } = await invoke(manager, ours);
    expect({ continueProcessing, violation }).toEqual(await loop(blockingSteps(), theirs));
    expect(violation).toMatchObject({ pluginName: 'deny-list', details: { word: ours.payload.args['message'] } });
    expect(executions).toHaveLength(3);
  }
});

it('a silent chain of the benchmarks runs all its steps, as the loop beside it does', async () => {
  const ran: string[] = [];
  const steps = silentSteps(5).map((step) => ({
    ...step,
    handle: async (...given: Parameters<typeof step.handle>) => {
      ran.push(step.name);
      return step.handle(...given);
    },
  }));
  await using manager = await managerOf(steps);
  for (const [ours, theirs] of pairsOf(smallArgs, 2)) {
    const { continueProcessing } = await invoke(manager, ours);
    const byUs = ran.splice(0);
    expect(await loop(steps, theirs)).toEqual({ continueProcessing });
    expect(ran.splice(0)).toEqual(byUs);
    expect(byUs).toEqual(steps.map(({ name }) => name));
  }
});
