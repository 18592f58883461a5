/**
 * A set of things that come and go quickly; each goes by the slot it was given. Not a `Set`: V8's makes a new table every
 * few changes, and an old table that has outlived two collections keeps all later ones from being collected young, with
 * everything in them, which doubled the time of a call (`npm run bench`, unix/64).
 */
export class Slots<Thing> {
  readonly #things: (Thing | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#things.length - this.#free.length;
  }

  add(thing: Thing): number {
    const slot = this.#free.pop() ?? this.#things.length;
    this.#things[slot] = thing;
    return slot;
  }

  /** Frees a slot, which must not be free. */
  remove(slot: number): void {
    this.#things[slot] = undefined;
    this.#free.push(slot);
  }

  /** Visits what is there; what goes meanwhile is not seen, what comes may be. */
  *[Symbol.iterator](): Generator<Thing> {
    for (const thing of this.#things) if (thing !== undefined) yield thing;
  }
}
