import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { connectionMachine, type ConnectionEvent } from '../../machines/index.js';
import { providedMachine } from '../../src/actors/provided-machine.js';
import { ManualClock } from '../../src/testing/index.js';

const settings = {
  connectTimeoutMs: 50,
  reconnectAttempts: 2,
  reconnectDelayMs: 5,
  jitter: 0,
  stablePeriodMs: 20,
  cooldownMs: 30,
  idleTimeoutMs: 40,
  maxWaiting: 2,
};

const event = fc.constantFrom<ConnectionEvent>(
  { type: 'call.arrived', call: 'one' },
  { type: 'call.left', call: 'one' },
  { type: 'call.unanswered' },
  { type: 'link.closed', error: new Error('gone') },
  { type: 'link.retiring' },
  { type: 'retry' },
  { type: 'close' },
);
const step = fc.record({ event, ms: fc.integer({ min: 0, max: 60 }), opens: fc.boolean(), silent: fc.boolean() });

/** What two machines do that should be the same: where they come to, and what they ask of their surroundings. */
async function lived(
  steps: readonly { event: ConnectionEvent; ms: number; opens: boolean; silent: boolean }[],
  provided: 'shared' | 'own',
): Promise<unknown[]> {
  const clock = new ManualClock();
  const told: unknown[] = [];
  let [opens, silent] = [true, false];
  const implementations = {
    actors: {
      openLink: fromPromise<void, { proven: boolean }>(async ({ input }) => {
        told.push(['openLink', input]);
        if (!opens) throw new Error('refused');
      }),
      releaseLink: fromPromise<void>(async () => void told.push('releaseLink')),
    },
    actions: {
      admitCalls: () => void told.push('admitCalls'),
      refuseCall: (_: unknown, params: object) => void told.push(['refuseCall', params]),
    },
    guards: { isSilent: () => silent },
  };
  const machine =
    provided === 'own'
      ? connectionMachine.provide(implementations)
      : providedMachine(connectionMachine, implementations);
  const input = { settings, startsServer: false, takesTurns: false, now: clock.now, random: () => 0.5 };
  const actor = createActor(machine, { input, clock });
  actor.subscribe(({ value, context: { attempt, waiting, rests } }) => told.push({ value, attempt, waiting, rests }));
  actor.start();
  for (const one of steps) {
    ({ opens, silent } = one);
    if (actor.getSnapshot().status === 'active') actor.send(one.event);
    await clock.run(one.ms);
  }
  const { value, status } = actor.getSnapshot();
  const restored = createActor(machine, { input, clock, snapshot: actor.getPersistedSnapshot() }).getSnapshot();
  actor.stop();
  return [...told, value, status, restored.value, restored.machine === machine];
}

describe('a machine that is provided with implementations over shared states', () => {
  it('lives as one with states of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        expect(await lived(steps, 'shared')).toEqual(await lived(steps, 'own'));
      }),
    );
  });

  it('shares its states, and keeps what it is provided with to itself', () => {
    const isSilent = (): boolean => true;
    const provided = providedMachine(connectionMachine, { guards: { isSilent } });
    expect(provided.root).toBe(connectionMachine.root);
    expect(provided.implementations.guards.isSilent).toBe(isSilent);
    expect(connectionMachine.implementations.guards.isSilent).not.toBe(isSilent);
  });

  it('can be provided with more by those who put themselves in between', () => {
    const isSilent = (): boolean => true;
    const again = providedMachine(connectionMachine, { guards: { isSilent } }).provide({ guards: {} });
    expect(again.implementations.guards.isSilent).toBe(isSilent);
  });
});
