import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { type EventStreamEvent, eventStreamMachine, type EventStreamSettings } from '../../machines/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

const settings: EventStreamSettings = {
  firstDelayMs: 1000,
  longestDelayMs: 30_000,
  longestRetryAfterMs: 300_000,
  jitter: 0.25,
};

/** One machine on a manual clock; what the server does is told to it as the transport would. */
class World {
  readonly clock = new ManualClock();
  readonly actor;
  /** Requests for the stream that are under way, and that there have been. */
  open = 0;
  asked = 0;
  lost = 0;
  /** The event behind which the latest one asks. */
  askedBehind = '';
  error: unknown;
  tell: (event: EventStreamEvent) => void = () => {};

  constructor(seed: number, inspect?: EdgeCoverage['inspect']) {
    const machine = eventStreamMachine.provide({
      actors: {
        carryStream: fromCallback<EventStreamEvent, { lastEventId: string }>(({ input, sendBack }) => {
          this.askedBehind = input.lastEventId;
          this.asked++;
          this.open++;
          this.tell = sendBack;
          return () => {
            this.open--;
            this.tell = () => {};
          };
        }),
      },
      actions: { reportLost: () => this.lost++ },
    });
    const { clock } = this;
    const input = { settings, now: () => clock.now(), random: seededRandom(seed) };
    this.actor = createActor(machine, { clock, input, ...(inspect && { inspect }) });
    this.actor.subscribe({ error: (error) => (this.error = error) });
    this.actor.start();
  }

  get state(): string {
    const { value } = this.actor.getSnapshot();
    return typeof value === 'string' ? value : `streaming.${value.streaming}`;
  }

  check(): void {
    const { context } = this.actor.getSnapshot();
    expect(this.error).toBeUndefined();
    expect(this.open).toBe(this.state.startsWith('streaming') ? 1 : 0);
    expect(this.clock.size).toBe(this.state === 'backingOff' ? 1 : 0);
    expect(context.dueAt !== undefined).toBe(this.state === 'backingOff');
    expect(this.lost).toBe(this.state === 'lost' ? 1 : this.lost);
    if (this.state === 'streaming.heard') expect(context.attempt).toBe(0);
  }
}

const error = new Error('no');
const ms = fc.option(fc.nat({ max: 10_000_000 }), { nil: undefined });
const refusals = fc.record({
  type: fc.constant('stream.refused' as const),
  error: fc.constant(error),
  status: fc.constantFrom(200, 400, 401, 404, 405, 409, 429, 500, 501, 503),
  retryAfterMs: ms,
});
const retries = fc.option(fc.integer({ min: 100, max: 30_000 }), { nil: undefined });
const places = fc.constantFrom(undefined, '', 'a', 'b');
const steps = fc.oneof(
  fc.constant({ type: 'stream.opened' as const }),
  fc.constant({ type: 'stream.heard' as const }),
  fc.record({ type: fc.constant('stream.ended' as const), lastEventId: places, retryMs: retries }),
  fc.record({
    type: fc.constant('stream.failed' as const),
    error: fc.constant(error),
    lastEventId: places,
    retryMs: retries,
  }),
  refusals,
  fc.constant({ type: 'session.lost' as const, error }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(10, 1000, 40_000, 400_000) }),
  { arbitrary: fc.constant({ type: 'close' as const }), weight: 1 },
);
type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never;

async function take(world: World, step: Step): Promise<void> {
  if (step.type === 'wait') await world.clock.run(step.ms);
  else if (step.type === 'close') world.actor.send(step);
  else world.tell(step);
  world.check();
}

test('whatever the server does, one request at most is under way, delays keep their bounds, and nothing is left at the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(steps, { maxLength: 30 }), async (seed, taken) => {
      const world = new World(seed);
      world.check();
      for (const step of taken) {
        await take(world, step);
        const { delayMs } = world.actor.getSnapshot().context;
        if (world.state === 'backingOff') {
          expect(delayMs).toBeGreaterThanOrEqual(100);
          expect(delayMs).toBeLessThanOrEqual(300_000);
        }
      }
      if (world.state !== 'closed') world.actor.send({ type: 'close' });
      expect([world.state, world.open, world.clock.size]).toEqual(['closed', 0, 0]);
    }),
  );
});

test('whatever happened, a stream that is not absent or lost is asked for again, for ever', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(steps, { maxLength: 20 }), async (seed, taken) => {
      const world = new World(seed);
      for (const step of taken) await take(world, step);
      fc.pre(/^(streaming|backingOff)/.test(world.state));
      for (let again = 0; again < 12; again++) {
        world.tell({ type: 'stream.failed', error, lastEventId: undefined, retryMs: undefined });
        const { asked } = world;
        await world.clock.run(300_000);
        expect(world.asked).toBe(asked + 1);
      }
      world.actor.send({ type: 'close' });
    }),
  );
});

test('it is asked for ever more slowly until something is heard on it, and then as at first', async () => {
  const world = new World(1);
  const delays: number[] = [];
  for (let nth = 0; nth < 7; nth++) {
    world.tell({ type: 'stream.failed', error, lastEventId: undefined, retryMs: undefined });
    delays.push(world.actor.getSnapshot().context.delayMs);
    await world.clock.run(40_000);
  }
  const bounds = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  for (const [nth, delayMs] of delays.entries()) {
    expect(delayMs).toBeGreaterThanOrEqual(bounds[nth] ?? 0);
    expect(delayMs).toBeLessThanOrEqual((bounds[nth] ?? 0) * 1.25);
  }
  world.tell({ type: 'stream.opened' });
  world.tell({ type: 'stream.heard' });
  world.tell({ type: 'stream.ended', lastEventId: undefined, retryMs: undefined });
  expect(world.actor.getSnapshot().context.delayMs).toBeLessThanOrEqual(1250);
});

test.each([
  [5000, 5000],
  [3_600_000, 300_000],
])('a server that asks to be left alone for %d ms is, within bounds', (retryAfterMs, delayMs) => {
  const world = new World(1);
  world.tell({ type: 'stream.refused', status: 429, error, retryAfterMs });
  expect(world.actor.getSnapshot().context.delayMs).toBe(delayMs);
});

test('it is asked for behind the last event that can be resumed at', async () => {
  const world = new World(1);
  const asked = [world.askedBehind];
  for (const lastEventId of [undefined, 'a', undefined, 'b', '', undefined]) {
    world.tell({ type: 'stream.failed', error, lastEventId, retryMs: undefined });
    await world.clock.run(40_000);
    asked.push(world.askedBehind);
  }
  world.tell({ type: 'stream.ended', lastEventId: 'c', retryMs: undefined });
  await world.clock.run(40_000);
  world.tell({ type: 'stream.refused', status: 503, error, retryAfterMs: undefined });
  await world.clock.run(40_000);
  expect([...asked, world.askedBehind]).toEqual(['', '', 'a', 'a', 'b', '', '', 'c']);
});

test('every edge of the event stream machine is taken', async () => {
  const coverage = new EdgeCoverage(eventStreamMachine);
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(steps, { maxLength: 30 }), async (seed, taken) => {
      const world = new World(seed, coverage.inspect);
      for (const step of taken) await take(world, step);
      if (world.state !== 'closed') world.actor.send({ type: 'close' });
    }),
    { numRuns: 300, seed: 1 },
  );
  const world = new World(1, coverage.inspect);
  const refused: Step = { type: 'stream.refused', status: 404, error, retryAfterMs: undefined };
  const ended: Step = { type: 'stream.ended', lastEventId: undefined, retryMs: undefined };
  for (const step of [{ type: 'stream.opened' } as const, ended, { type: 'wait', ms: 40_000 } as const, refused])
    await take(world, step);
  expect([world.state, world.lost]).toEqual(['lost', 1]);
  expect(coverage.size).toBeGreaterThan(8);
  expect(coverage.missing).toEqual([]);
});
