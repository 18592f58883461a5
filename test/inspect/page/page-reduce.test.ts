import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FeedMessage } from '../../../src/inspect/live/feed/messages.js';
import { emptyModel, type Model, mostGone, mostInvocations } from '../../../src/inspect/live/page/store/model.js';
import { modelAt } from '../../../src/inspect/live/page/store/model-at.js';
import { reduce } from '../../../src/inspect/live/page/store/reduce.js';
import { type Happening, helloOf, PageWorld } from './page-world.js';

const states = ['idle.empty', 'connecting', 'ready.stable', 'reconnecting.backingOff', 'failed.coolingDown'];
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('move' as const), actor: fc.nat(4), to: fc.constantFrom(...states) }),
  },
  fc.record({
    what: fc.constant('error' as const),
    actor: fc.nat(4),
    code: fc.option(fc.constantFrom('A', 'B'), { nil: undefined }),
  }),
  fc.record({ what: fc.constant('leave' as const), actor: fc.nat(4) }),
  fc.record({ what: fc.constant('invoke' as const), decided: fc.option(fc.nat(50), { nil: undefined }) }),
  fc.record({ what: fc.constant('second' as const) }),
);

it('a snapshot and what came after it are the snapshot of later', () => {
  fc.assert(
    fc.property(fc.array(happening), fc.array(fc.array(happening)), (before, chunks) => {
      const world = new PageWorld();
      for (const one of before) world.happen(one);
      let model = reduced(emptyModel, [helloOf('a'), ...world.snapshot()]);
      for (const chunk of chunks) {
        for (const one of chunk) world.happen(one);
        model = reduced(model, world.news());
      }
      const fresh = reduced(emptyModel, [helloOf('a'), ...world.snapshot(3)]);
      expect(comparable(model)).toEqual(comparable(fresh));
    }),
  );
});

it('goes back to where every actor was after each event', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (all) => {
      const world = new PageWorld();
      for (const one of all) world.happen(one);
      const model = reduced(emptyModel, [helloOf('a'), ...world.snapshot()]);
      for (const [seq, actors] of world.past) {
        const held = modelAt(model, seq);
        expect(held?.seq).toBe(seq);
        // Those that have left are not in a snapshot; whoever came since the last event is there at the last one.
        const expected =
          seq === world.seq
            ? [...model.actors].map(([id, { at }]) => [id, at] as const)
            : [...actors].filter(([id]) => (model.actors.get(id)?.began ?? Infinity) <= (held?.model.t ?? 0));
        expect(new Map([...(held?.model.actors ?? [])].map(([id, { at }]) => [id, at]))).toEqual(new Map(expected));
        expect(held?.model.events.at(-1)?.s).toBe(seq);
      }
    }),
  );
});

it('what was asked for and is no longer held is told as the nearest that is', () => {
  const world = new PageWorld();
  for (let n = 0; n < 9; n++) world.happen({ what: 'move', actor: 0, to: states[n % 5] ?? '' });
  const [first, last] = world.snapshot();
  const model = reduced(emptyModel, [
    { ...first, events: [] } as FeedMessage,
    { ...last, events: world.events.slice(5) } as FeedMessage,
  ]);
  expect(modelAt(model, 2)?.seq).toBe(6);
  expect(modelAt(model, 7)?.seq).toBe(7);
  expect(modelAt(model, 99)?.seq).toBe(9);
  expect(modelAt({ ...emptyModel, seq: 3 }, 2)).toBeUndefined();
});

it('shows of an actor at an earlier time only what is known of it', () => {
  const world = new PageWorld();
  world.happen({ what: 'move', actor: 0, to: 'ready.stable' });
  world.happen({ what: 'move', actor: 0, to: 'failed.coolingDown' });
  world.happen({ what: 'error', actor: 0, code: 'LINK_LOST' });
  const actor = modelAt(reduced(emptyModel, world.snapshot()), 1)?.model.actors.get('connection:0');
  expect(actor).toMatchObject({ at: 'ready.stable', since: world.events[0]?.t });
  expect(actor).not.toHaveProperty('error');
});

it('an invocation that was decided later still runs at an earlier time', () => {
  const world = new PageWorld();
  world.happen({ what: 'invoke', decided: 5_000 });
  world.happen({ what: 'move', actor: 0, to: 'ready.stable' });
  world.happen({ what: 'move', actor: 0, to: 'idle.empty' });
  const row = modelAt(reduced(emptyModel, world.snapshot()), 1)?.model.invocations.get('i0');
  expect(row).toMatchObject({ outcome: 'running' });
  expect(row?.decided).toBeUndefined();
});

it('an invocation that came later is not there at an earlier time', () => {
  const world = new PageWorld();
  world.happen({ what: 'move', actor: 0, to: 'ready.stable' });
  world.happen({ what: 'move', actor: 0, to: 'idle.empty' });
  world.happen({ what: 'invoke', decided: 1 });
  expect(modelAt(reduced(emptyModel, world.snapshot()), 1)?.model.invocations.size).toBe(0);
});

it('holds the counts of five minutes', () => {
  const world = new PageWorld();
  for (let n = 0; n < 310; n++) world.happen({ what: 'second' });
  const { seconds } = reduced(emptyModel, world.news());
  expect([seconds.length, seconds[0]?.second, seconds.at(-1)?.second]).toEqual([300, 10, 309]);
});

it('a snapshot is shown when it is whole, not before', () => {
  const world = new PageWorld();
  world.happen({ what: 'move', actor: 0, to: 'connecting' });
  const [first, last] = world.snapshot();
  const one = reduce({ model: emptyModel, building: undefined }, first as FeedMessage);
  expect(one.model.actors.size).toBe(0);
  expect(reduce(one, last as FeedMessage).model.actors.size).toBe(1);
});

it('another process begins anew', () => {
  const world = new PageWorld();
  world.happen({ what: 'move', actor: 0, to: 'connecting' });
  const model = reduced(emptyModel, [helloOf('a'), ...world.snapshot()]);
  expect(reduced(model, [helloOf('a')]).actors.size).toBe(1);
  expect(reduced(model, [helloOf('b')]).actors.size).toBe(0);
});

it('keeps connections that are gone to be read, the newest of them', () => {
  const world = new PageWorld();
  for (let n = 0; n < mostGone + 5; n++) world.happen({ what: 'move', actor: n, to: 'ready.stable' });
  let model = reduced(emptyModel, world.snapshot());
  const timed = { id: 'connection:5', timer: { event: 'after backoff', due: 9, of: 9 } };
  const { seq, t } = model;
  model = reduced(model, [{ v: 1, type: 'delta', seq: [seq + 1, seq], t, actors: [timed] }]);
  expect(model.actors.get('connection:5')).toMatchObject(timed);
  for (let n = 0; n < mostGone + 5; n++) world.happen({ what: 'leave', actor: n });
  model = reduced(model, world.news());
  expect(model.actors.size).toBe(0);
  expect([model.gone.size, [...model.gone.keys()][0]]).toEqual([mostGone, 'connection:5']);
  expect(model.gone.get('connection:5')).toMatchObject({ at: 'ready.stable', ended: world.t });
  // What was due is due no more.
  expect(model.gone.get('connection:5')).not.toHaveProperty('timer');
});

it('holds no more invocations than it may, however many come', () => {
  const world = new PageWorld();
  for (let n = 0; n < mostInvocations + 10; n++) world.happen({ what: 'invoke', decided: 1 });
  expect([...reduced(emptyModel, world.news()).invocations.keys()][0]).toBe('i10');
  expect(reduced(emptyModel, world.snapshot()).invocations.size).toBe(mostInvocations);
});

function reduced(model: Model, messages: readonly FeedMessage[]): Model {
  return messages.reduce((state, message) => reduce(state, message), { model, building: undefined } as Parameters<
    typeof reduce
  >[0]).model;
}

function comparable({ seq, t, actors, events, invocations, seconds, ribbons }: Model) {
  const sorted = <Value>(map: ReadonlyMap<string, Value>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const here = [...ribbons].filter(([id]) => actors.has(id));
  return {
    seq,
    t,
    actors: sorted(actors),
    ribbons: sorted(new Map(here)),
    events: [...events],
    invocations: [...invocations.values()],
    seconds,
  };
}
