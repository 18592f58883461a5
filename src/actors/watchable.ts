import type { ActorObserver } from './actor-observer.js';
import { joinedInspector } from './inspection-tree.js';
import type { Inspector } from './supervisor.js';

/** Somebody watches, until they leave. */
export interface Watching {
  unsubscribe(): void;
}

/** What has actors that can be seen: a supervisor, and all that has some. */
export interface Watchable {
  /** Through XState's inspection API. */
  inspect(inspector: Inspector): Watching;
  /** With nothing left out; those that live already are told first. */
  observe(observer: ActorObserver): Watching;
}

/** @param name of what the parts make up: an observer is told of it as their root, unless there is one above */
export function inspectAll(parts: readonly Watchable[], inspector: Inspector, name: string): Watching {
  const whole = joinedInspector(inspector, name);
  return joined(parts.map((part) => part.inspect(whole)));
}

export function observeAll(parts: readonly Watchable[], observer: ActorObserver): Watching {
  return joined(parts.map((part) => part.observe(observer)));
}

function joined(watchings: readonly Watching[]): Watching {
  return { unsubscribe: () => watchings.forEach((watching) => watching.unsubscribe()) };
}
