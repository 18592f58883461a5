import { type AnyStateMachine, StateMachine } from 'xstate';

type Implementations<Machine extends AnyStateMachine> = Parameters<Machine['provide']>[0];

/**
 * What `machine.provide` gives, for machines of which there are many: it shares the states of `machine`, which XState would
 * build anew for each, about 300 µs and 25 KB for those of a connection. What machines do is looked up in the machine of
 * their snapshot, and states lead to no other than the declared one, which has the same states.
 */
export function providedMachine<Machine extends AnyStateMachine>(
  machine: Machine,
  { actors, actions, guards, delays }: Implementations<Machine>,
): Machine {
  const declared = machine.implementations;
  // Those of `machine` itself are bound to it.
  const { getInitialSnapshot, restoreSnapshot } = Object.getOwnPropertyDescriptors(StateMachine.prototype);
  return Object.create(machine, {
    implementations: {
      value: {
        actors: { ...declared.actors, ...actors },
        actions: { ...declared.actions, ...actions },
        guards: { ...declared.guards, ...guards },
        delays: { ...declared.delays, ...delays },
      },
    },
    getInitialSnapshot,
    restoreSnapshot,
  });
}
