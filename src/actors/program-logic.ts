import type { AnyActorRef, AnyStateMachine, EventObject, InspectionEvent, Snapshot } from 'xstate';
import type { Observers } from './actor-observers.js';
import type { Deadlines } from '../time/deadlines.js';
import type { MachineProgram } from './machine-program.js';

/** The actor system a program-driven actor lives in. */
export interface ActorSystem {
  /** Shown by inspectors as the parent. */
  readonly root: AnyActorRef;
  /** Number of inspectors; with none, nothing is prepared for them. */
  readonly watched: number;
  /** Whether anybody inspects or observes. */
  readonly isWatched: boolean;
  readonly observers: Observers;
  tell(event: InspectionEvent): void;
  /** The actor has ended, by itself or with an error. */
  ended(actor: { readonly id: string; readonly index: number }, error: unknown): void;
}

/** The snapshot of a program-driven actor: what an inspector reads of a machine's. */
export type ProgramSnapshot<Context> = Snapshot<undefined> & { readonly value: string; readonly context: Context };

/** Makes actors of one machine; see {@link ProgrammedActor}. */
export interface ProgramLogic<Name extends string, Context, Event extends EventObject> {
  readonly machine: AnyStateMachine;
  readonly program: MachineProgram<Name, Context, Event>;
  readonly deadlines: Deadlines;
}

export function programLogic<Name extends string, Context, Event extends EventObject>(
  program: MachineProgram<Name, Context, Event>,
  deadlines: Deadlines,
): ProgramLogic<Name, Context, Event> {
  return { machine: program.machine, program, deadlines };
}
