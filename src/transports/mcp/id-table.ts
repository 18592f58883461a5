/**
 * Things by number, which come and go quickly. Ids are positive whole numbers, each used once. Not a `Map`, for the reason that
 * `FreeList` gives, and not an object, whose table V8 makes anew every few hundred changes: slots are searched from the one
 * that the id's last digits name, and nothing is allocated while as many things come as go.
 */
export class IdTable<Thing> {
  #ids: number[] = [0];
  #things: (Thing | undefined)[] = [undefined];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Thing | undefined {
    return this.#things[this.#slotOf(id)];
  }

  add(id: number, thing: Thing): void {
    if (2 * (this.#size + 1) > this.#ids.length) this.#grow();
    const slot = this.#slotOf(id);
    this.#ids[slot] = id;
    this.#things[slot] = thing;
    this.#size++;
  }

  /** Takes a thing out; undefined if it is not there. */
  take(id: number): Thing | undefined {
    const slot = this.#slotOf(id);
    const thing = this.#things[slot];
    if (thing === undefined) return undefined;
    this.#size--;
    this.#empty(slot);
    return thing;
  }

  /** Ids and things as they are now, in the order of the ids. */
  entries(): [id: number, thing: Thing][] {
    const found: [number, Thing][] = [];
    for (const [slot, thing] of this.#things.entries())
      if (thing !== undefined) found.push([this.#ids[slot] ?? 0, thing]);
    return found.sort(([a], [b]) => a - b);
  }

  /** Where an id is, or where it would come. At least half of the slots are empty. */
  #slotOf(id: number): number {
    const mask = this.#ids.length - 1;
    let slot = id & mask;
    while (this.#things[slot] !== undefined && this.#ids[slot] !== id) slot = (slot + 1) & mask;
    return slot;
  }

  /** Empties a slot, and moves up those behind it that would not be found any more. */
  #empty(slot: number): void {
    const mask = this.#ids.length - 1;
    let hole = slot;
    for (let next = (hole + 1) & mask; this.#things[next] !== undefined; next = (next + 1) & mask) {
      const id = this.#ids[next] ?? 0;
      // How far it is from where its search begins, and how far from the hole: it must not come before the former.
      if (((next - id) & mask) < ((next - hole) & mask)) continue;
      this.#ids[hole] = id;
      this.#things[hole] = this.#things[next];
      hole = next;
    }
    this.#things[hole] = undefined;
  }

  #grow(): void {
    const entries = this.entries();
    const slots = 2 * this.#ids.length;
    this.#ids = Array.from({ length: slots }, () => 0);
    this.#things = Array.from({ length: slots }, () => undefined);
    this.#size = 0;
    for (const [id, thing] of entries) this.add(id, thing);
  }
}
