import type { AnyStateMachine, EventObject, Snapshot } from 'xstate';

/** An actor as those who observe know it: one of XState's, or one that runs by a program. */
export interface ObservedActor {
  /** Its own among the living members of its system. */
  readonly id: string;
  getSnapshot(): Snapshot<unknown>;
}

/** What an actor is made of. */
export interface Prepared {
  readonly machine: AnyStateMachine;
  readonly input: unknown;
}

/** Which of the declared alternatives of a state was taken. */
export interface TakenTransition {
  /** With dots where it is nested; empty for the machine itself. */
  readonly source: string;
  /** As the machine receives it; empty for one that is taken at once. */
  readonly eventType: string;
  /** Place among those of the same event. */
  readonly place: number;
}

/**
 * Hears what happens to the members of an actor system, at once and of all of them. It is given the things themselves, and
 * neither changes nor shows them: contexts and events may hold what is nobody's business. What it throws is logged, and
 * goes no further.
 */
export interface ActorObserver {
  /** Is told of each thing once, however often it is added to a system. */
  readonly isSingle?: boolean;
  /**
   * One of XState's is about to be made: what it asks of its surroundings while it decides can be listened to here, which
   * must change nothing of what it does.
   *
   * @returns what it is made of instead
   */
  prepare?(machine: AnyStateMachine, input: unknown): Prepared;
  /**
   * An actor has been made, and starts next; one that lives already when the observer comes is told so too.
   *
   * @param input what the context of its machine is made of; undefined for one that lived already
   */
  made(actor: ObservedActor, machine: AnyStateMachine, input: unknown): void;
  /** It takes up an event, or starts (`xstate.init`): what it sends until it {@link took} it comes of this one. */
  takes(actor: ObservedActor, event: EventObject): void;
  /**
   * It has done all that follows at once: its snapshot says what came of it. It may have ended, also because it threw.
   *
   * @param taken in the order in which they were; none where it does nothing on the event, or starts
   */
  took(actor: ObservedActor, event: EventObject, taken: readonly TakenTransition[]): void;
}

/** Nothing was taken. */
export const noTransitions: readonly TakenTransition[] = Object.freeze([]);
