import { Actor, type AnyStateMachine, type EventObject, type InspectionEvent, StateMachine } from 'xstate';
import type { Logger } from '../observability/logger.js';
import type { ActorObserver, ObservedActor, Prepared } from './actor-observer.js';

/** What XState's own actors are told through. */
interface InspectedSystem {
  inspect(inspector: (event: InspectionEvent) => void): { unsubscribe(): void };
}

/** Those who observe one actor system. What one of them throws is logged, and the others hear all the same. */
export class Observers {
  #observers: readonly ActorObserver[] = [];
  #subscription: { unsubscribe(): void } | undefined;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#observers.length;
  }

  /** @returns what makes it leave */
  add(observer: ActorObserver, system: InspectedSystem): () => void {
    // One of its own for each call, so that an observer that was added twice has to leave twice.
    const added: ActorObserver = {
      made: (actor, machine, input) => observer.made(actor, machine, input),
      takes: (actor, event) => observer.takes(actor, event),
      took: (actor, event) => observer.took(actor, event),
      ...(observer.prepare !== undefined && {
        prepare: (machine: AnyStateMachine, input: unknown) => observer.prepare?.(machine, input) ?? { machine, input },
      }),
    };
    this.#observers = [...this.#observers, added];
    this.#subscription ??= system.inspect(this.#translated());
    return () => {
      this.#observers = this.#observers.filter((one) => one !== added);
      if (this.#observers.length > 0) return;
      this.#subscription?.unsubscribe();
      this.#subscription = undefined;
    };
  }

  /** What an actor of XState's is made of, once all have put themselves in between who want to. */
  prepare(logic: unknown, input: unknown): Prepared | undefined {
    if (!(logic instanceof StateMachine)) return undefined;
    let prepared: Prepared = { machine: logic as AnyStateMachine, input };
    for (const observer of this.#observers) {
      try {
        prepared = observer.prepare?.(prepared.machine, prepared.input) ?? prepared;
      } catch (error) {
        this.#threw(error);
      }
    }
    return prepared;
  }

  /** Of an actor that is made while somebody observes. */
  made(actor: ObservedActor, logic: unknown, input: unknown): void {
    for (const observer of this.#observers) this.#tellMade(observer, actor, logic, input);
  }

  /** Of one that lives already when an observer comes. */
  found(observer: ActorObserver, actor: ObservedActor, logic: unknown): void {
    this.#tellMade(observer, actor, logic, undefined);
  }

  takes(actor: ObservedActor, event: EventObject): void {
    for (const observer of this.#observers) {
      try {
        observer.takes(actor, event);
      } catch (error) {
        this.#threw(error);
      }
    }
  }

  took(actor: ObservedActor, event: EventObject): void {
    for (const observer of this.#observers) {
      try {
        observer.took(actor, event);
      } catch (error) {
        this.#threw(error);
      }
    }
  }

  /** Makes of XState's inspection events what observers are told. An event is taken up with its first step. */
  #translated(): (told: InspectionEvent) => void {
    const atWork = new WeakSet<ObservedActor>();
    const begin = (actor: ObservedActor, event: EventObject): void => {
      if (atWork.has(actor)) return;
      atWork.add(actor);
      this.takes(actor, event);
    };
    return (told) => {
      if (told.type === '@xstate.action' || told.type === '@xstate.actor' || told.type === '@xstate.transition') return;
      const { actorRef, event } = told;
      if (!isActor(actorRef) || !(actorRef.logic instanceof StateMachine)) return;
      const isStart = event.type === 'xstate.init';
      // Of the steps of a start XState tells when the actor is made, before anybody knows it.
      if (told.type === '@xstate.event' && isStart) begin(actorRef, event);
      else if (told.type === '@xstate.microstep' && !isStart) begin(actorRef, event);
      else if (told.type === '@xstate.snapshot') {
        begin(actorRef, event);
        atWork.delete(actorRef);
        this.took(actorRef, event);
      }
    };
  }

  #tellMade(observer: ActorObserver, actor: ObservedActor, logic: unknown, input: unknown): void {
    if (!(logic instanceof StateMachine)) return;
    try {
      observer.made(actor, logic as AnyStateMachine, input);
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error: unknown): void {
    this.#logger.warn({ err: error }, 'an observer of actors threw');
  }
}

function isActor(ref: unknown): ref is ObservedActor & { readonly logic: unknown } {
  return ref instanceof Actor;
}
