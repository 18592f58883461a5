import { expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { explainedPath, possibleSteps } from '../../src/actors/state-explanation.js';

const machine = setup({
  types: {
    context: {} as { readonly locked: boolean },
    events: {} as { type: 'push' } | { type: 'kick'; force: number } | { type: 'paint' },
  },
  actions: { creak: () => {}, dry: () => {} },
  guards: {
    isLocked: ({ context }) => context.locked,
    isStrong: ({ event }) => event.type === 'kick' && event.force > 9,
  },
  delays: { draught: 500 },
}).createMachine({
  id: 'door',
  context: { locked: true },
  initial: 'shut',
  on: { paint: { actions: 'dry' }, push: { actions: 'creak' } },
  states: {
    shut: {
      description: 'Nobody gets through.',
      initial: 'quiet',
      on: { kick: [{ guard: 'isStrong', target: 'open' }, { actions: 'creak' }] },
      states: {
        quiet: {
          description: 'Nothing is heard.',
          on: { push: [{ guard: 'isLocked', actions: 'creak' }, { target: '#door.open' }] },
          after: { draught: '#door.open' },
        },
      },
    },
    open: { description: 'Everybody gets through.' },
  },
});

test('what can happen next is told with what holds now, innermost first, and nothing that something else takes', () => {
  const actor = createActor(machine).start();
  const snapshot = actor.getSnapshot();
  expect(explainedPath(snapshot)).toEqual([
    { state: 'shut', description: 'Nobody gets through.' },
    { state: 'shut.quiet', description: 'Nothing is heard.' },
  ]);
  const stays = { target: 'shut.quiet', isTimed: false };
  const steps = possibleSteps(snapshot);
  expect(steps.map(({ type: _type, source: _source, isShadowed: _shadowed, stays: _stays, ...step }) => step)).toEqual([
    { event: 'push', guard: 'isLocked', holds: true, ...stays, actions: ['creak'] },
    { event: 'push', guard: undefined, holds: false, target: 'open', isTimed: false, actions: [] },
    { event: 'after draught', guard: undefined, holds: true, target: 'open', isTimed: true, actions: [] },
    { event: 'kick', guard: 'isStrong', holds: undefined, target: 'open', isTimed: false, actions: [] },
    { event: 'kick', guard: undefined, holds: undefined, ...stays, actions: ['creak'] },
    { event: 'paint', guard: undefined, holds: true, ...stays, actions: ['dry'] },
  ]);
  expect(steps.map(({ isShadowed, source, stays: isStay }) => [source, isShadowed, isStay])).toMatchObject([
    [expect.any(String), false, true],
    [expect.any(String), true, false],
    [expect.any(String), false, false],
    [expect.any(String), false, false],
    [expect.any(String), false, true],
    [expect.any(String), false, true],
  ]);
  actor.stop();
});
