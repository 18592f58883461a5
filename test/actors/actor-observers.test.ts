import { expect, it } from 'vitest';
import { assign, createMachine, fromPromise, setup } from 'xstate';
import type { ActorObserver, ObservedActor } from '../../src/actors/actor-observer.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { programLogic } from '../../src/actors/program-logic.js';
import { interpretedProgram } from '../models/interpreted-program.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { Deadlines } from '../../src/time/deadlines.js';

/** Turned on by `go` where it may be, and off by time. */
const lamp = setup({
  types: { context: {} as { times: number }, events: {} as { type: 'go' } | { type: 'break' } },
  actions: { count: assign({ times: ({ context }) => context.times + 1 }), shine: () => {} },
  guards: { isWorn: ({ context }) => context.times >= 2, isNew: ({ context }) => context.times === 0 },
  delays: { dusk: () => 100 },
}).createMachine({
  id: 'lamp',
  context: { times: 0 },
  initial: 'off',
  states: {
    off: {
      on: {
        go: [
          { guard: 'isWorn', target: 'broken' },
          { target: 'on', actions: 'count' },
        ],
        break: 'broken',
      },
    },
    on: { entry: 'shine', after: { dusk: 'off' }, on: { go: {} } },
    broken: { type: 'final' },
  },
});

function world() {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  return { clock, logger, supervisor: new Supervisor('root', logger, clock), deadlines: new Deadlines(clock) };
}

function recorder(told: string[]): ActorObserver {
  const where = (actor: ObservedActor): string => {
    const { status, value } = actor.getSnapshot() as { status: string; value?: unknown };
    return `${JSON.stringify(value)} ${status}`;
  };
  return {
    made: ({ id }, machine, input) => void told.push(`made ${id} ${machine.id} ${JSON.stringify(input)}`),
    takes: (actor, { type }) => void told.push(`takes ${actor.id} ${type}`),
    took: (actor, { type }, taken) => {
      const places = taken.map(({ source, eventType, place }) => `${source}/${eventType}/${place}`);
      told.push(`took ${actor.id} ${type} ${where(actor)} ${places.join()}`);
    },
  };
}

it("tells of XState's actors what they take up, where they come to and by which alternative, until they end", async () => {
  const { clock, supervisor } = world();
  const told: string[] = [];
  supervisor.observe(recorder(told));
  const actor = supervisor.create(lamp, 'lamp:1', { hue: 'red' });
  actor.start();
  actor.send({ type: 'go' });
  actor.send({ type: 'go' });
  await clock.run(100);
  actor.send({ type: 'break' });
  expect(told).toEqual([
    'made lamp:1 lamp {"hue":"red"}',
    'takes lamp:1 xstate.init',
    'took lamp:1 xstate.init "off" active ',
    'takes lamp:1 go',
    'took lamp:1 go "on" active off/go/1',
    'takes lamp:1 go',
    'took lamp:1 go "on" active on/go/0',
    'takes lamp:1 xstate.after.dusk.lamp.on',
    'took lamp:1 xstate.after.dusk.lamp.on "off" active on/xstate.after.dusk.lamp.on/0',
    'takes lamp:1 break',
    'took lamp:1 break "broken" done off/break/0',
  ]);
  supervisor.stop();
});

it('tells the same of actors that are run by a program', async () => {
  const { clock, supervisor, deadlines } = world();
  const told: string[] = [];
  supervisor.observe(recorder(told));
  const actor = supervisor.spawn(
    programLogic(interpretedProgram(lamp), deadlines),
    'lamp',
    {},
    { shine: () => {}, crashed: () => {} },
  );
  actor.start();
  actor.send({ type: 'go' });
  await clock.run(100);
  actor.send({ type: 'break' });
  expect(told).toEqual([
    'made lamp#1 lamp {}',
    'takes lamp#1 xstate.init',
    'took lamp#1 xstate.init "off" active ',
    'takes lamp#1 go',
    'took lamp#1 go "on" active off/go/1',
    'takes lamp#1 xstate.after.dusk.lamp.on',
    'took lamp#1 xstate.after.dusk.lamp.on "off" active on/xstate.after.dusk.lamp.on/0',
    'takes lamp#1 break',
    'took lamp#1 break "broken" done off/break/0',
  ]);
  supervisor.stop();
  deadlines.close();
});

it('tells what comes of an event between that it is taken up and that it is done', () => {
  const { supervisor, deadlines } = world();
  const told: string[] = [];
  const second = supervisor.create(lamp, 'second', undefined);
  const tabled = supervisor.spawn(
    programLogic(interpretedProgram(lamp), deadlines),
    'tabled',
    {},
    {
      shine: () => second.send({ type: 'go' }),
      crashed: () => {},
    },
  );
  const first = supervisor.create(
    lamp.provide({ actions: { shine: () => tabled.send({ type: 'go' }) } }),
    'first',
    undefined,
  );
  for (const actor of [first, second, tabled]) actor.start();
  supervisor.observe(recorder(told));
  told.length = 0;
  first.send({ type: 'go' });
  expect(told.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'takes first go',
    'takes tabled#1 go',
    'takes second go',
    'took second go',
    'took tabled#1 go',
    'took first go',
  ]);
  supervisor.stop();
  deadlines.close();
});

it('tells of those that live already, and of the end of one that throws', () => {
  const { supervisor, deadlines } = world();
  const told: string[] = [];
  supervisor.create(lamp, 'old', undefined).start();
  const failing = supervisor.spawn(
    programLogic(interpretedProgram(lamp), deadlines),
    'failing',
    {},
    {
      shine: () => {
        throw new Error('blown');
      },
      crashed: () => {},
    },
  );
  failing.start();
  supervisor.observe(recorder(told));
  failing.send({ type: 'go' });
  expect(told).toEqual([
    'made old lamp undefined',
    'made failing#1 lamp undefined',
    'takes failing#1 go',
    'took failing#1 go "off" error off/go/1',
  ]);
  supervisor.stop();
  deadlines.close();
});

it('logs what an observer throws, and tells the others; one that has left hears nothing', () => {
  const { logger, supervisor } = world();
  const told: string[] = [];
  const fail = (): never => {
    throw new Error('an observer of mine');
  };
  const bad = supervisor.observe({ made: fail, takes: fail, took: fail });
  const good = supervisor.observe(recorder(told));
  const twice = supervisor.observe(recorder(told));
  const actor = supervisor.create(lamp, 'a', undefined);
  actor.start();
  expect(told).toHaveLength(6);
  expect(logger.entries.filter(({ message }) => message === 'an observer of actors threw')).toHaveLength(3);
  bad.unsubscribe();
  good.unsubscribe();
  expect(supervisor.isWatched).toBe(true);
  actor.send({ type: 'go' });
  expect(told).toHaveLength(8);
  twice.unsubscribe();
  expect(supervisor.isWatched).toBe(false);
  actor.send({ type: 'go' });
  expect(told).toHaveLength(8);
  supervisor.stop();
});

it('tells nothing of actors that are no machines, nor of what they send to one that has ended', async () => {
  const { supervisor } = world();
  const told: string[] = [];
  supervisor.observe(recorder(told));
  const parent = createMachine({
    id: 'parent',
    initial: 'asking',
    states: {
      asking: { invoke: { src: fromPromise(() => Promise.resolve(1)), id: 'asked', onDone: 'answered' } },
      answered: { type: 'final' },
    },
  });
  supervisor.create(parent, 'parent', undefined).start();
  await expect.poll(() => told.length).toBe(5);
  expect(told.slice(3)).toEqual([
    'takes parent xstate.done.actor.asked',
    'took parent xstate.done.actor.asked "answered" done asking/xstate.done.actor.asked/0',
  ]);
  supervisor.stop();
});
