/**
 * A set of things that come and go quickly; each goes by the index it was given. Not a `Set`: V8's makes a new table every
 * few changes, and an old table that has outlived two collections keeps all later ones from being collected young, with
 * everything in them, which doubled the time of a call (`npm run bench`, unix/64).
 */
export class FreeList<Thing> {
  readonly #things: (Thing | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#things.length - this.#free.length;
  }

  add(thing: Thing): number {
    const index = this.#free.pop() ?? this.#things.length;
    this.#things[index] = thing;
    return index;
  }

  /** Frees an index, which must not be free. */
  remove(index: number): void {
    this.#things[index] = undefined;
    this.#free.push(index);
  }

  /** Visits what is there; what goes meanwhile is not seen, what comes may be. */
  *[Symbol.iterator](): Generator<Thing> {
    for (const thing of this.#things) if (thing !== undefined) yield thing;
  }
}
