import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { configWatchMachine } from '../../machines/index.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { watchConfig } from '../../src/config/reload/config-watch.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { deferred } from '../../src/time/deferred.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

/** A file that a test writes to, and what was read of it. */
class World {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  /** What the file looks like now, and since when. */
  look: string | undefined = '0';
  changedAt = 0;
  #writes = 0;
  readonly read: (string | undefined)[] = ['0'];
  isClosed = false;
  #reload = deferred();
  readonly #watch: ReturnType<typeof watchConfig>;

  constructor(inspect: EdgeCoverage['inspect'] = () => {}, isThere = true) {
    if (!isThere) this.look = undefined;
    const { logger } = this;
    const system = new Supervisor('changes', logger, this.clock);
    system.inspect(inspect);
    this.#watch = watchConfig({
      file: 'plugins.yaml',
      seen: this.look,
      look: () => Promise.resolve(this.look),
      reload: () => {
        this.#read();
        return this.#reload.promise;
      },
      system,
      clock: this.clock,
      logger,
    });
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'changes':
        // No two writes look the same: they have times.
        this.look = step.isThere ? `${++this.#writes}` : undefined;
        this.changedAt = this.clock.now();
        break;
      case 'ends':
        this.#reload.resolve();
        this.#reload = deferred();
        break;
      case 'close':
        this.isClosed = true;
        this.#watch.close();
        break;
      case 'wait':
        await this.clock.run(step.ms);
    }
    await this.clock.run(0);
    expect(this.clock.size).toBeLessThanOrEqual(this.isClosed ? 0 : 1);
    expect(this.clock.holding).toBe(0);
  }

  #read(): void {
    expect(this.isClosed).toBe(false);
    // Never what is not there, and never what may be in the middle of being written.
    expect(this.look).not.toBeUndefined();
    expect(this.clock.now() - this.changedAt).toBeGreaterThanOrEqual(100);
    this.read.push(this.look);
  }
}

type Step =
  | { readonly type: 'changes'; readonly isThere: boolean }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'ends' | 'close' };

const steps = fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
  {
    arbitrary: fc.record({ type: fc.constant('changes' as const), isThere: fc.boolean() }),
    weight: 12,
  },
  { arbitrary: fc.constant({ type: 'ends' }), weight: 4 },
  { arbitrary: fc.constant({ type: 'close' }), weight: 1 },
  {
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(50, 99, 100, 500, 700) }),
    weight: 20,
  },
);

test('a file is read when it has changed and was left alone, and what is in it last is read in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 25 }), async (taken) => {
      const world = new World();
      for (const step of taken) await world.take(step);
      if (world.isClosed) return;
      for (let i = 0; i < 4; i++) {
        await world.take({ type: 'wait', ms: 2000 });
        await world.take({ type: 'ends' });
      }
      if (world.look !== undefined) expect(world.read.at(-1)).toBe(world.look);
      await world.take({ type: 'close' });
      expect(world.clock.size).toBe(0);
    }),
    { numRuns: 400 },
  );
});

test('a file that does not change is not read, and makes no event', async () => {
  const heard: string[] = [];
  const world = new World(({ type }) => heard.push(type));
  const atStart = heard.length;
  await world.take({ type: 'wait', ms: 60_000 });
  expect(world.read).toEqual(['0']);
  expect(heard).toHaveLength(atStart);
  await world.take({ type: 'close' });
});

test('every edge of the machine that follows a file is taken', async () => {
  const coverage = new EdgeCoverage(configWatchMachine);
  const gone: Step = { type: 'changes', isThere: false };
  const written: Step = { type: 'changes', isThere: true };
  const wait = (ms: number): Step => ({ type: 'wait', ms });
  const world = new World(coverage.inspect);
  const taken: Step[] = [
    wait(500),
    written,
    wait(500),
    written,
    wait(100),
    wait(100),
    { type: 'ends' },
    gone,
    wait(500),
    wait(500),
    written,
    wait(500),
    gone,
    wait(100),
    { type: 'close' },
  ];
  for (const step of taken) await world.take(step);
  expect(world.read).toEqual(['0', '2']);
  const empty = new World(coverage.inspect, false);
  await empty.take(wait(0));
  expect(empty.logger.lines('warn')).toEqual([expect.stringContaining('is gone or empty')]);
  expect(coverage.size).toBe(9);
  expect(coverage.missing).toEqual([]);
});
