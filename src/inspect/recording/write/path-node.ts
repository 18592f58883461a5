import type { EventObject } from 'xstate';

/**
 * A step of a way through a machine: an event and the state that it led to, after the steps before. Short lives of a kind go
 * the same few ways, so that each is told once, and a life by the step that it ends with.
 */
export class PathNode {
  readonly id: number;
  readonly #event: EventObject | undefined;
  readonly #fields: number;
  readonly #to: string;
  readonly #next = new Map<string, PathNode>();
  /** The event itself, where it is one that cannot change. */
  #seen: EventObject | undefined;
  /** The one that was taken last, which is mostly taken next. */
  #latest: PathNode | undefined;

  constructor(id: number, event: EventObject | undefined, to: string) {
    this.id = id;
    this.#event = event === undefined ? undefined : { ...event };
    this.#fields = Object.keys(event ?? {}).length;
    this.#to = to;
  }

  /** @returns undefined where it was not looked up yet */
  next(event: EventObject, to: string): PathNode | undefined {
    const latest = this.#latest;
    return latest !== undefined && latest.#is(event, to) ? latest : undefined;
  }

  /** @param key tells the event and the state from all others */
  named(key: string): PathNode | undefined {
    const node = this.#next.get(key);
    if (node !== undefined) this.#latest = node;
    return node;
  }

  add(key: string, node: PathNode): void {
    this.#next.set(key, node);
    this.#latest = node;
  }

  /** Objects are never the same here: two that look alike are found by their key. */
  #is(event: EventObject, to: string): boolean {
    if (to !== this.#to || this.#event === undefined) return false;
    if (event === this.#seen) return true;
    const known: Readonly<Record<string, unknown>> = this.#event;
    const asked: Readonly<Record<string, unknown>> = event;
    let fields = 0;
    for (const field in asked) {
      const value = asked[field];
      if (value !== known[field] || (typeof value === 'object' && value !== null)) return false;
      fields++;
    }
    if (fields !== this.#fields) return false;
    if (Object.isFrozen(event)) this.#seen = event;
    return true;
  }
}
