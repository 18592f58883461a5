/** Things by number, which come and go quickly. Not a `Map`, for the reason that `FreeList` gives. */
export class IdTable<Thing> {
  readonly #things: Record<number, Thing | undefined> = {};
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Thing | undefined {
    return this.#things[id];
  }

  /** Ids are used once. */
  add(id: number, thing: Thing): void {
    this.#things[id] = thing;
    this.#size++;
  }

  /** Takes a thing out; undefined if it is not there. */
  take(id: number): Thing | undefined {
    const thing = this.#things[id];
    if (thing === undefined) return undefined;
    delete this.#things[id];
    this.#size--;
    return thing;
  }

  /** Ids and things as they are now, in the order of the ids. */
  entries(): [id: number, thing: Thing][] {
    return Object.entries(this.#things).flatMap(([id, thing]) => (thing === undefined ? [] : [[Number(id), thing]]));
  }
}
