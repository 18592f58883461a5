import type { ActorObserver } from './actor-observer.js';

/** Writes down what happens to actors, from the start: `createRecorder` of `gatechart/inspect` makes one. */
export interface ActorRecorder {
  /** @internal */
  readonly observer: ActorObserver;
}
