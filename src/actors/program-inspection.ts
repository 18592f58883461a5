import type { ActorRefLike, EventObject, Snapshot } from 'xstate';
import type { ActorSystem } from './program-logic.js';

/** A programmed actor, as inspectors see it. */
type Told = ActorRefLike & { getSnapshot(): Snapshot<unknown> };

// Inspectors are told of programmed actors what XState tells them of its own.

export function tellActor(system: ActorSystem, actorRef: Told): void {
  system.tell({ type: '@xstate.actor', actorRef, rootId: system.root.sessionId });
}

export function tellEvent(system: ActorSystem, actorRef: Told, event: EventObject): void {
  system.tell({ type: '@xstate.event', actorRef, rootId: system.root.sessionId, sourceRef: undefined, event });
}

export function tellEffect(system: ActorSystem, actorRef: Told, type: string): void {
  system.tell({
    type: '@xstate.action',
    actorRef,
    rootId: system.root.sessionId,
    action: { type, params: undefined },
  });
}

export function tellSnapshot(system: ActorSystem, actorRef: Told, event: EventObject): void {
  const rootId = system.root.sessionId;
  system.tell({ type: '@xstate.snapshot', actorRef, rootId, event, snapshot: actorRef.getSnapshot() });
}
