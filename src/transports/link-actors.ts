import { type ActorRefFrom, createActor, type StateMachine } from 'xstate';
import type { Supervisor } from '../actors/supervisor.js';
import type { Clock } from '../time/clock.js';

/** Where the actors of links live, so that they are seen with all others. Two systems, for their timers differ. */
export interface LinkActors {
  /** Whose timers do not keep a process. */
  readonly streams: Supervisor;
  /** Whose timers do: somebody waits for them. */
  readonly resumptions: Supervisor;
}

// oxlint-disable-next-line typescript/no-explicit-any -- as in XState's own AnyStateMachine
type Machine = StateMachine<any, any, any, any, any, any, any, any, any, any, any, any, any, any>;

/** An actor of a link, which the caller starts. @param system undefined: it is one of its own, on the clock */
export function linkActor<Logic extends Machine>(
  logic: Logic,
  name: string,
  input: unknown,
  system: Supervisor | undefined,
  clock: Clock,
): ActorRefFrom<Logic> {
  if (system !== undefined) return system.createNamed(logic, name, input);
  return createActor(logic as Machine, { clock, input }) as ActorRefFrom<Logic>;
}
