import fc from 'fast-check';
import { expect, it } from 'vitest';
import { definePlugin } from '../../../src/index.js';
import type { SecondCounts } from '../../../src/inspect/live/feed/feed-states.js';
import { createLiveSource } from '../../../src/inspect/live/watch/create-live-source.js';
import { createChainHarness } from '../../../src/testing/index.js';
import { ReaderOfFeed } from '../../fixtures/inspect/reader-of-feed.js';

const hooks = ['tool_pre_invoke'];

/** Does what the name of the tool says. */
const obeys = definePlugin({
  hooks: {
    tool_pre_invoke: async ({ name, args }, context) => {
      if (name === 'modify') return { modifiedPayload: { name, args: { ...args, more: 1 } } };
      if (name === 'block')
        return { continueProcessing: false, violation: { code: 'C', reason: 'r', description: '' } };
      if (name === 'throw') throw new Error('no');
      if (name === 'hang') await new Promise((_resolve, reject) => context.signal.addEventListener('abort', reject));
      return undefined;
    },
  },
});

const passes = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });

const plugins = [
  { name: 'First', plugin: obeys, hooks, priority: 1 },
  { name: 'Beside', plugin: obeys, hooks, mode: 'concurrent' as const },
  { name: 'Also', plugin: passes, hooks, mode: 'concurrent' as const },
  { name: 'Later', plugin: passes, hooks, mode: 'fire_and_forget' as const },
];

const names = ['pass', 'modify', 'block', 'throw', 'hang'] as const;

type Step =
  | { readonly do: 'invoke'; readonly name: (typeof names)[number]; readonly times: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'read' }
  | { readonly do: 'toggle' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('invoke' as const),
    name: fc.constantFrom(...names),
    times: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
      { weight: 1, arbitrary: fc.constant(700) },
    ),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 250, 1_000, 70_000) }),
  fc.constant({ do: 'read' as const }),
  fc.constant({ do: 'toggle' as const }),
);

const endOf = { pass: 'passed', modify: 'modified', block: 'blocked', throw: 'failed', hang: 'failed' } as const;

function sumsOf(seconds: readonly SecondCounts[]): Record<string, number> {
  const sums = { passed: 0, modified: 0, blocked: 0, failed: 0 };
  for (const second of seconds) for (const end of Object.keys(sums) as (keyof typeof sums)[]) sums[end] += second[end];
  return sums;
}

it('a reader who is told of changes knows what one is told who comes now; counters are exact, and nothing outgrows its ring', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using harness = await createChainHarness({ plugins, pluginTimeoutMs: 400 });
      const { clock, manager } = harness;
      const limits = { events: 60, invocations: 20, bytes: 60_000 };
      const source = createLiveSource(manager, { limits });
      const [often, seldom] = [new ReaderOfFeed(source), new ReaderOfFeed(source)];
      const expected = { passed: 0, modified: 0, blocked: 0, failed: 0 };
      const counted: SecondCounts[] = [];
      let seq = source.seq;
      let number = 0;
      const calls: Promise<unknown>[] = [];
      const count = (): void => {
        const answer = source.since(seq, 10);
        // Where the ring does not reach back, a new snapshot has all the seconds.
        if (answer === undefined)
          counted.splice(0, counted.length, ...[...source.snapshot()].flatMap(({ minutes }) => minutes ?? []));
        else counted.push(...(answer.delta.seconds ?? []));
        seq = source.seq;
      };
      let isOn = true;
      for (const one of steps) {
        if (one.do === 'wait') await clock.run(one.ms);
        else if (one.do === 'read') {
          often.read();
          count();
        } else if (one.do === 'toggle') {
          if (isOn) manager.disablePlugin('First');
          else manager.enablePlugin('First');
          isOn = !isOn;
        } else {
          for (let index = 0; index < one.times; index++) {
            const payload = { name: one.name, args: {} };
            calls.push(
              manager.invokeHook('tool_pre_invoke', payload, { requestId: `r${number++}` }).catch(() => undefined),
            );
            const end = endOf[one.name];
            // Those side by side may not modify.
            expected[end === 'modified' && !isOn ? 'passed' : end]++;
          }
          await clock.run(0);
        }
      }
      await clock.run(400);
      await Promise.all(calls);
      await clock.run(1_000);
      often.read();
      count();
      expect(sumsOf(counted)).toEqual(expected);
      seldom.read(7);
      for (const reader of [often, seldom]) reader.expectSameAsSnapshot();
      const snapshot = [...source.snapshot()];
      expect(snapshot.flatMap(({ events }) => events ?? []).length).toBeLessThanOrEqual(limits.events);
      const rows = snapshot.flatMap(({ invocations }) => invocations ?? []);
      expect(rows.length).toBeLessThanOrEqual(limits.invocations);
      for (const { id } of rows) expect(source.invocation(id)?.id).toBe(id);
      source.close();
    }),
    { numRuns: 40 },
  );
}, 120_000);

it('says that it samples, and keeps blocked, failed and the slowest all the same', async () => {
  await using harness = await createChainHarness({ plugins: plugins.slice(0, 1) });
  const { clock, manager } = harness;
  const source = createLiveSource(manager);
  const all: Promise<unknown>[] = [];
  for (let index = 0; index < 4_000; index++) {
    const name = index % 100 === 0 ? 'block' : 'pass';
    all.push(manager.invokeHook('tool_pre_invoke', { name, args: {} }, { requestId: `request-${index}` }));
  }
  await Promise.all(all);
  await clock.run(1_000);
  const rows = [...source.snapshot()].flatMap(({ invocations }) => invocations ?? []);
  const [sample] = source.samples().filter(({ of }) => of === 'invocations');
  expect(sample).toMatchObject({ seen: 4_000, keeps: ['blocked', 'failed', 'timedOut', 'aborted', 'slowest'] });
  expect(sample?.drawn).toBeGreaterThan(1);
  expect(sample?.sent).toBeLessThan(700);
  expect(source.samples()).toEqual([]);
  expect(rows.filter(({ outcome }) => outcome === 'blocked')).toHaveLength(40);
  source.close();
});

it('holds so many bytes at most, whatever payloads there are', async () => {
  await using harness = await createChainHarness({ plugins: plugins.slice(0, 1) });
  const source = createLiveSource(harness.manager, { limits: { bytes: 4_000_000 } });
  for (let index = 0; index < 50; index++) {
    const args = { text: 'x'.repeat(400_000) };
    await harness.manager.invokeHook('tool_pre_invoke', { name: 'modify', args }, { requestId: `r${index}` });
  }
  const rows = [...source.snapshot()].flatMap(({ invocations }) => invocations ?? []);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThan(10);
  source.close();
});

it('leaves nothing when it is closed, and says when what it watches is gone', async () => {
  const harness = await createChainHarness({ plugins });
  const { interior } = harness.manager;
  const source = createLiveSource(harness.manager);
  let news = 0;
  const leave = source.onNews(() => news++);
  const invoke = () => harness.manager.invokeHook('tool_pre_invoke', { name: 'pass' }, { requestId: 'r' });
  await invoke();
  await invoke();
  expect(news).toBe(1);
  source.since(0, 100);
  await invoke();
  expect(news).toBe(2);
  leave();
  source.since(0, 100);
  await invoke();
  expect(news).toBe(2);
  expect(interior.changes.isWatched).toBe(true);
  source.close();
  expect(interior.changes.isWatched).toBe(false);
  const { seq } = source;
  await invoke();
  expect(source.seq).toBe(seq);
  await harness.close();
  await expect(source.ended).resolves.toBe('manager closed');
});
