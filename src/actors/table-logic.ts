import type { AnyActorRef, AnyStateMachine, EventObject, InspectionEvent, Snapshot } from 'xstate';
import type { Observers } from './actor-observers.js';
import type { Deadlines } from '../time/deadlines.js';
import { machineTable, type TableState } from './machine-table.js';

/** What the effects of a machine do, by name, and what to do when one of them, or a guard, throws: the actor ends. */
export type Effects<Name extends string, Context, Event extends EventObject> = {
  readonly [N in Name]: (context: Context, event: Event) => void;
} & { crashed(error: unknown): void };

/** The actor system a table-driven actor lives in. */
export interface ActorSystem {
  /** Shown by inspectors as the parent. */
  readonly root: AnyActorRef;
  /** Number of inspectors; with none, nothing is prepared for them. */
  readonly watched: number;
  readonly observers: Observers;
  tell(event: InspectionEvent): void;
  /** The actor has ended, by itself or with an error. */
  ended(actor: { readonly id: string; readonly index: number }, error: unknown): void;
}

/** The snapshot of a table-driven actor: what an inspector reads of a machine's. */
export type TableSnapshot<Context> = Snapshot<undefined> & { readonly value: string; readonly context: Context };

/** Makes actors of one machine; see {@link TableActor}. */
export interface TableLogic {
  readonly machine: AnyStateMachine;
  readonly initial: TableState;
  readonly deadlines: Deadlines;
}

/** @throws Error if the machine is not flat, or has anything else that a table does not understand */
export function tableLogic(machine: AnyStateMachine, deadlines: Deadlines): TableLogic {
  return { machine, initial: machineTable(machine), deadlines };
}
