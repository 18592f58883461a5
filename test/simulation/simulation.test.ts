import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/testing/index.js';
import { generatedActs } from '../../src/testing/simulation/act-generator.js';
import { madeUpPlan } from '../../src/testing/simulation/made-up-plan.js';
import { runSimulation } from '../../src/testing/simulation/simulation-run.js';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const gatechart = (...args: string[]) => promisify(execFile)(process.execPath, [command, 'simulate', ...args]);

/** Breaks a promise in the worlds in which there are two calls at a time. */
const lonely = {
  name: 'one call at a time',
  check: ({ openCalls }: { readonly openCalls: readonly string[] }) =>
    openCalls.length > 1 ? `${openCalls.length} calls are open` : undefined,
};

describe('a simulated world', () => {
  it('is the same for the same seed, event for event', async () => {
    const plan = madeUpPlan(5);
    const [one, other] = [
      await runSimulation({ plan, seed: 5, steps: 800, keeps: true }),
      await runSimulation({ plan, seed: 5, steps: 800, keeps: true }),
    ];
    expect(one.events.length).toBeGreaterThan(400);
    expect(other).toEqual(one);
  });

  it('is another one for another seed', async () => {
    const [one, other] = [await simulate({ seed: 5, steps: 300 }), await simulate({ seed: 6, steps: 300 })];
    expect(one.digest).not.toBe(other.digest);
  });

  it.each([
    // A plugin changed a call, and was disabled by the time that the call was made once more.
    [895, [3, 7]],
  ])('keeps every promise where it once seemed not to: seed %i, acts %j', async (seed, acts) => {
    const { failure } = await simulate({ seed, acts });
    expect(failure).toBeUndefined();
  });

  it('is the same in another process', async () => {
    const report = await simulate({ seed: 6, steps: 500, env: {} });
    const { stdout } = await gatechart('--seed', '6', '--steps', '500', '--json');
    expect(JSON.parse(stdout)).toEqual({ seeds: 1, steps: report.steps, digest: report.digest });
  });

  it('goes on by steps of about the number that was asked for, and comes to its end', async () => {
    const report = await simulate({ seed: 2, seeds: 4, steps: 400 });
    expect(report.failure).toBeUndefined();
    expect(report.seeds).toBe(4);
    expect(report.steps).toBeGreaterThan(4 * 400);
  });
});

describe('a sequence that fails', () => {
  it('is made shorter, fails in the same way, and none of its acts can be left out', async () => {
    const report = await simulate({ seed: 3, steps: 600, invariants: [lonely] });
    const { failure } = report;
    expect(failure?.violation.invariant).toBe('one call at a time');
    const acts = failure?.acts.map(({ index }) => index) ?? [];
    expect(acts.length).toBeLessThan(failure?.actsBefore ?? 0);
    const again = await simulate({ seed: 3, acts, invariants: [lonely] });
    expect(again.failure?.violation).toEqual(failure?.violation);
    for (const left of acts) {
      const fewer = acts.filter((act) => act !== left);
      const less = fewer.length === 0 ? undefined : await simulate({ seed: 3, acts: fewer, invariants: [lonely] });
      expect(less?.failure).toBeUndefined();
    }
  });

  it('is the same in whatever order its acts are given, and however often', async () => {
    const { failure } = await simulate({ seed: 3, steps: 600, invariants: [lonely] });
    const acts = failure?.acts.map(({ index }) => index) ?? [];
    const again = await simulate({ seed: 3, acts: [...acts.toReversed(), ...acts], invariants: [lonely] });
    expect(acts.length).toBeGreaterThan(1);
    expect(again.failure?.violation).toEqual(failure?.violation);
    expect(again.failure?.acts).toEqual(failure?.acts);
  });

  it('is the same one each time', async () => {
    const once = await simulate({ seed: 3, steps: 600, invariants: [lonely] });
    expect(await simulate({ seed: 3, steps: 600, invariants: [lonely] })).toEqual(once);
  });

  it('tells its acts as they were made up', async () => {
    const { failure } = await simulate({ seed: 3, steps: 600, invariants: [lonely] });
    const made: unknown[] = [];
    for (const act of generatedActs(3, madeUpPlan(3))) {
      made.push(act);
      if (made.length > (failure?.acts.at(-1)?.index ?? 0)) break;
    }
    for (const { index, act } of failure?.acts ?? []) expect(act).toEqual(made[index]);
  });
});

describe('the plugins of a world', () => {
  it('really run, and a plugin that never answers costs calls their time and nothing else', async () => {
    let runs = 0;
    const { definePlugin } = await import('../../src/index.js');
    const hangs = definePlugin({
      hooks: {
        tool_pre_invoke: () => {
          runs++;
          return new Promise<never>(() => {});
        },
      },
    });
    const config = {
      plugins: [{ name: 'hangs', kind: 'hangs', hooks: ['tool_pre_invoke'], mode: 'enforce' as const }],
    };
    const report = await simulate({ config, kinds: { hangs }, seed: 1, steps: 600 });
    expect(report.failure).toBeUndefined();
    expect(runs).toBeGreaterThan(0);
  });

  it('are stood in for where they live elsewhere', async () => {
    const mcp = { proto: 'STREAMABLEHTTP' as const, url: 'http://127.0.0.1:9/mcp' };
    const plugins = [{ name: 'far', kind: 'external', hooks: ['tool_pre_invoke'], mode: 'enforce' as const, mcp }];
    const report = await simulate({ config: { plugins }, seed: 2, steps: 800 });
    expect(report.failure).toBeUndefined();
  });
});

describe('wrong options', () => {
  it.each([
    [{ steps: 0 }, 'option steps of simulate is 0, expected an integer, 1 or more.'],
    [{ seed: 1.5 }, 'option seed of simulate is 1.5, expected an integer, 0 or more.'],
    [{ acts: [] }, 'option acts of simulate is empty, expected a list of at least one index.'],
    [{ acts: [3, -1] }, 'option acts of simulate has -1, expected integers, 0 or more.'],
    [{ acts: [1.5] }, 'option acts of simulate has 1.5, expected integers, 0 or more.'],
    [{ acts: [1], seeds: 2 }, 'simulate was given acts and several seeds; acts belong to one.'],
  ])('%j is refused', async (options, message) => {
    await expect(simulate(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message });
  });
});
