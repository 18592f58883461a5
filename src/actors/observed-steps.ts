import type { AnyTransitionDefinition, EventObject, InspectionEvent } from 'xstate';
import { noTransitions, type ObservedActor, type TakenTransition } from './actor-observer.js';
import { isMachine } from './machine-logic.js';

/** What XState's own actors are told through. */
export interface InspectedSystem {
  inspect(inspector: (event: InspectionEvent) => void): { unsubscribe(): void };
}

/** Who is told of the steps of XState's actors. */
interface StepListener {
  takes(actor: ObservedActor, event: EventObject): void;
  took(actor: ObservedActor, event: EventObject, taken: readonly TakenTransition[]): void;
}

/** An actor as far as its steps are known. */
interface Work {
  /** What it was sent and has not come to, oldest first: XState tells of an event when it is sent. */
  readonly mail: EventObject[];
  isAtWork: boolean;
  taken: TakenTransition[] | undefined;
}

/**
 * Makes of XState's inspection events what observers are told. XState tells of a step after the actions of it are carried
 * out, which send to others: so an event is taken up with the first sign of it, be it an action.
 */
export function observeSteps(system: InspectedSystem, listener: StepListener): { unsubscribe(): void } {
  const known = new WeakMap<ObservedActor, Work>();
  const begin = (actor: ObservedActor, work: Work, event: EventObject): void => {
    if (work.isAtWork) return;
    work.isAtWork = true;
    listener.takes(actor, event);
  };
  return system.inspect((told) => {
    if (told.type === '@xstate.actor' || told.type === '@xstate.transition') return;
    const { actorRef } = told;
    if (!isMachineActor(actorRef)) return;
    let work = known.get(actorRef);
    if (work === undefined) known.set(actorRef, (work = { mail: [], isAtWork: false, taken: undefined }));
    switch (told.type) {
      case '@xstate.event':
        if (told.event.type === 'xstate.init') begin(actorRef, work, told.event);
        else if (actorRef.getSnapshot().status === 'active') work.mail.push(told.event);
        return;
      case '@xstate.action': {
        const [first] = work.mail;
        if (first !== undefined) begin(actorRef, work, first);
        return;
      }
      case '@xstate.microstep':
        // Of the steps of a start XState tells when the actor is made, before anybody knows it.
        if (told.event.type === 'xstate.init') return;
        begin(actorRef, work, work.mail[0] ?? told.event);
        for (const transition of told._transitions) (work.taken ??= []).push(declaredPlace(transition));
        return;
      case '@xstate.snapshot': {
        begin(actorRef, work, told.event);
        const { taken = noTransitions } = work;
        if (work.mail[0] === told.event) work.mail.shift();
        work.isAtWork = false;
        work.taken = undefined;
        listener.took(actorRef, told.event, taken);
      }
    }
  });
}

function declaredPlace(transition: AnyTransitionDefinition): TakenTransition {
  const { source, eventType } = transition;
  const alternatives = eventType === '' ? source.always : source.transitions.get(eventType);
  return { source: source.path.join('.'), eventType, place: alternatives?.indexOf(transition) ?? -1 };
}

function isMachineActor(ref: object): ref is ObservedActor {
  return 'logic' in ref && isMachine(ref.logic);
}
