import type { AnyStateMachine, EventObject } from 'xstate';
import type { Logger } from '../observability/logger.js';
import type { ActorObserver, ObservedActor, Prepared, TakenTransition } from './actor-observer.js';
import { isMachine } from './machine-logic.js';
import { type InspectedSystem, observeSteps } from './observed-steps.js';

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

  /** Whether it is here already, and wants to be here once. */
  has(observer: ActorObserver): boolean {
    return this.#observers.includes(observer);
  }

  /** @returns what makes it leave */
  add(observer: ActorObserver, system: InspectedSystem): () => void {
    const added = observer.isSingle === true ? observer : oneMore(observer);
    this.#observers = [...this.#observers, added];
    this.#subscription ??= observeSteps(system, this);
    return () => {
      this.#observers = this.#observers.filter((one) => one !== added);
      if (this.#observers.length > 0) return;
      this.#subscription?.unsubscribe();
      this.#subscription = undefined;
    };
  }

  /** What an actor of XState's is made of, once all have put themselves in between who want to. */
  prepare(logic: unknown, input: unknown): Prepared | undefined {
    if (!isMachine(logic)) return undefined;
    let prepared: Prepared = { machine: logic, input };
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

  took(actor: ObservedActor, event: EventObject, taken: readonly TakenTransition[]): void {
    for (const observer of this.#observers) {
      try {
        observer.took(actor, event, taken);
      } catch (error) {
        this.#threw(error);
      }
    }
  }

  #tellMade(observer: ActorObserver, actor: ObservedActor, logic: unknown, input: unknown): void {
    if (!isMachine(logic)) return;
    try {
      observer.made(actor, logic, input);
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error: unknown): void {
    this.#logger.warn({ err: error }, 'an observer of actors threw');
  }
}

/** Of its own for each call, so that an observer that was added twice has to leave twice. */
function oneMore(observer: ActorObserver): ActorObserver {
  return {
    ...(observer.prepare !== undefined && {
      prepare: (machine: AnyStateMachine, input: unknown) => observer.prepare?.(machine, input) ?? { machine, input },
    }),
    made: (actor, machine, input) => observer.made(actor, machine, input),
    takes: (actor, event) => observer.takes(actor, event),
    took: (actor, event, taken) => observer.took(actor, event, taken),
  };
}
