import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { indexTimers } from '../../src/actors/indexed-timers.js';
import { ManualClock } from '../../src/testing/index.js';

const actors = [0, 1, 2] as const;

/** What is done to the timers of one system: armed under a name or none, cancelled by name, cancelled all, let run. */
const act = fc.oneof(
  fc.record({
    does: fc.constant('arm' as const),
    actor: fc.constantFrom(...actors),
    id: fc.option(fc.integer({ min: 0, max: 40 }).map(String), { nil: undefined, freq: 10 }),
    ms: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    does: fc.constant('cancel' as const),
    actor: fc.constantFrom(...actors),
    id: fc.nat({ max: 40 }).map(String),
  }),
  fc.record({ does: fc.constant('cancelAll' as const), actor: fc.constantFrom(...actors) }),
  fc.record({ does: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20 }) }),
);

type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** What arrives, and after each act which timers are armed still. */
function carriedOut(acts: readonly Act[], isIndexed: boolean): unknown[] {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const root = createActor(
    fromCallback(() => undefined),
    { clock },
  ).start();
  if (isIndexed) indexTimers(root.system);
  const members = actors.map((index) =>
    createActor(
      fromCallback(({ receive }) => receive((event) => void told.push([index, event.type]))),
      { parent: root },
    ).start(),
  );
  const { scheduler } = root.system;
  const of = (index: number) => members[index] ?? root;
  acts.forEach((one, step) => {
    if (one.does === 'pass') return clock.advance(one.ms);
    const source = of(one.actor);
    if (one.does === 'arm') scheduler.schedule(source, source, { type: `armed at ${step}` }, one.ms, one.id);
    else if (one.does === 'cancel') scheduler.cancel(source, one.id);
    else scheduler.cancelAll(source);
    const armed = Object.values(root.system.getSnapshot()._scheduledEvents).map(({ event }) => event.type);
    told.push(armed.toSorted());
    return undefined;
  });
  return told;
}

describe('the timers of an actor system, indexed by their actors', () => {
  it('are armed, fire and end as those of XState do', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 150 }), (acts) => {
        expect(carriedOut(acts, true)).toEqual(carriedOut(acts, false));
      }),
    );
  });

  it('are not looked through when an actor ends that had few, or none', () => {
    const scheduler = { schedule: vi.fn(), cancel: vi.fn(), cancelAll: vi.fn() };
    const { cancel, cancelAll } = scheduler;
    indexTimers({ scheduler });
    const [quiet, busy] = [createActor(fromCallback(() => undefined)), createActor(fromCallback(() => undefined))];
    for (let round = 0; round < 3; round++)
      for (const id of ['connect', 'idle']) scheduler.schedule(busy, busy, { type: 'due' }, 10, id);
    scheduler.cancelAll(quiet);
    expect(cancel).not.toHaveBeenCalled();
    scheduler.cancelAll(busy);
    expect(cancel.mock.calls).toEqual([
      [busy, 'connect'],
      [busy, 'idle'],
    ]);
    expect(cancelAll).not.toHaveBeenCalled();
  });

  it('are looked through for an actor whose timers have no names', () => {
    const scheduler = { schedule: vi.fn(), cancel: vi.fn(), cancelAll: vi.fn() };
    const { cancelAll } = scheduler;
    indexTimers({ scheduler });
    const actor = createActor(fromCallback(() => undefined));
    scheduler.schedule(actor, actor, { type: 'due' }, 10, undefined);
    scheduler.cancelAll(actor);
    expect(cancelAll).toHaveBeenCalledWith(actor);
  });
});
