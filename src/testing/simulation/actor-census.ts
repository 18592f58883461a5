import type { AnyStateMachine, EventObject } from 'xstate';
import type { ActorObserver, ObservedActor } from '../../actors/actor-observer.js';
import type { Journal } from './journal.js';

/** Knows which actors of a world live, and counts the events that they take. */
export class ActorCensus implements ActorObserver {
  readonly isSingle = true;
  readonly #journal: Journal;
  readonly #living = new Map<ObservedActor, string>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Those that have not come to their end, by the machines that they run. */
  get living(): readonly string[] {
    return [...this.#living].flatMap(([actor, machine]) => (actor.getSnapshot().status === 'active' ? [machine] : []));
  }

  made(actor: ObservedActor, { id }: AnyStateMachine): void {
    this.#living.set(actor, id);
  }

  takes(_actor: ObservedActor, { type }: EventObject): void {
    this.#journal.step(type);
  }

  took(actor: ObservedActor): void {
    if (actor.getSnapshot().status !== 'active') this.#living.delete(actor);
  }
}
