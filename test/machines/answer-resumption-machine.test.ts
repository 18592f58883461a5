import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import {
  type AnswerResumptionEvent,
  answerResumptionMachine,
  type AnswerResumptionSettings,
} from '../../machines/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

const settings: AnswerResumptionSettings = { usualDelayMs: 1000, mostAttempts: 3 };

/** One machine on a manual clock; what the server does is told to it as the transport would. */
class World {
  readonly clock = new ManualClock();
  readonly actor;
  /** The events behind which the rest was asked for, in order. */
  readonly asked: string[] = [];
  /** Requests for the rest that are under way. */
  open = 0;
  readonly reports: string[] = [];
  error: unknown;
  tell: (event: AnswerResumptionEvent) => void = () => {};

  constructor(retryMs?: number, inspect?: EdgeCoverage['inspect']) {
    const machine = answerResumptionMachine.provide({
      actors: {
        askForRest: fromCallback<AnswerResumptionEvent, { lastEventId: string }>(({ input, sendBack }) => {
          this.asked.push(input.lastEventId);
          this.open++;
          this.tell = sendBack;
          return () => {
            this.open--;
            this.tell = () => {};
          };
        }),
      },
      actions: { reportRefusal: () => this.reports.push('refused'), reportLoss: () => this.reports.push('lost') },
    });
    const input = { settings, lastEventId: 'p0', retryMs };
    this.actor = createActor(machine, { clock: this.clock, input, ...(inspect && { inspect }) });
    this.actor.subscribe({ error: (error) => (this.error = error) });
    this.actor.start();
  }

  get state(): string {
    return this.actor.getSnapshot().value;
  }

  get isOver(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }

  cutOff(lastEventId?: string, retryMs?: number): void {
    this.tell({ type: 'rest.cutOff', error, lastEventId, retryMs });
  }

  check(): void {
    expect(this.error).toBeUndefined();
    expect(this.open).toBe(this.state === 'asking' ? 1 : 0);
    expect(this.clock.size).toBe(this.state === 'pausing' ? 1 : 0);
    expect(this.reports).toEqual(['refused', 'lost'].filter((report) => report === this.state));
  }
}

const error = new Error('no');
const steps = fc.oneof(
  {
    arbitrary: fc.record({
      type: fc.constant('rest.cutOff' as const),
      error: fc.constant(error),
      lastEventId: fc.option(fc.constantFrom('p0', 'p1', 'p2', ''), { nil: undefined, freq: 3 }),
      retryMs: fc.option(fc.integer({ min: 100, max: 30_000 }), { nil: undefined }),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(10, 1000, 40_000) }), weight: 6 },
  { arbitrary: fc.constant({ type: 'answer.came' as const }), weight: 1 },
  { arbitrary: fc.constant({ type: 'rest.refused' as const, error }), weight: 1 },
  { arbitrary: fc.constant({ type: 'cancel' as const }), weight: 1 },
);
type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never;

async function take(world: World, step: Step): Promise<void> {
  if (step.type === 'wait') await world.clock.run(step.ms);
  else if (step.type !== 'cancel') world.tell(step);
  else if (!world.isOver) world.actor.send(step);
  world.check();
}

test('whatever the server does, one request at most is under way, the end is told once, and nothing is left at it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (taken) => {
      const world = new World();
      world.check();
      for (const step of taken) await take(world, step);
      if (!world.isOver) world.actor.send({ type: 'cancel' });
      expect([world.open, world.clock.size, world.reports.length <= 1]).toEqual([0, 0, true]);
    }),
  );
});

test('behind one event the rest is asked for as often as it may be, and no more, however the stream ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('p0', 'p1', undefined), { maxLength: 30 }), async (places) => {
      const world = new World();
      for (const place of places) {
        await world.clock.run(1000);
        if (!world.isOver) world.cutOff(place);
        world.check();
      }
      const lengths: number[] = [];
      for (const [nth, place] of world.asked.entries()) {
        if (place === world.asked[nth - 1]) lengths.push((lengths.pop() ?? 0) + 1);
        else lengths.push(1);
      }
      expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(settings.mostAttempts);
      if (world.state === 'lost') expect(lengths.at(-1)).toBe(settings.mostAttempts);
      if (!world.isOver) world.actor.send({ type: 'cancel' });
    }),
  );
});

test('it is asked for as long as something new comes each time', async () => {
  const world = new World();
  for (let nth = 1; nth <= 20; nth++) {
    await world.clock.run(1000);
    world.cutOff(`p${nth}`);
  }
  expect(world.asked).toEqual(Array.from({ length: 20 }, (_, nth) => `p${nth}`));
  expect(world.state).toBe('pausing');
  world.actor.send({ type: 'cancel' });
});

test('the pause is as long as the server asked for last, and the usual one before it has asked', async () => {
  const world = new World();
  await world.clock.run(999);
  expect(world.state).toBe('pausing');
  await world.clock.run(1);
  world.cutOff(undefined, 5000);
  await world.clock.run(4999);
  expect(world.state).toBe('pausing');
  await world.clock.run(1);
  world.cutOff('p1');
  await world.clock.run(4999);
  expect(world.state).toBe('pausing');
  await world.clock.run(1);
  expect(world.state).toBe('asking');
  world.actor.send({ type: 'cancel' });
  expect(new World(200).actor.getSnapshot().context.delayMs).toBe(200);
});

test('a server that says it can be resumed nowhere is not asked again', async () => {
  const world = new World();
  await world.clock.run(1000);
  world.cutOff('');
  expect([world.state, world.reports]).toEqual(['lost', ['lost']]);
});

test('every edge of the resumption machine is taken', async () => {
  const coverage = new EdgeCoverage(answerResumptionMachine);
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (taken) => {
      const world = new World(undefined, coverage.inspect);
      for (const step of taken) await take(world, step);
      if (!world.isOver) world.actor.send({ type: 'cancel' });
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(coverage.size).toBe(7);
  expect(coverage.missing).toEqual([]);
});
