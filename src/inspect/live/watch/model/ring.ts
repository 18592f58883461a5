/** The newest of what came, in the order in which it came: so many at most, and so many bytes by estimate. */
export class Ring<Item> {
  readonly #mostItems: number;
  readonly #mostBytes: number;
  readonly #sizeOf: (item: Item) => number;
  readonly #dropped: (item: Item) => void;
  #items: (Item | undefined)[] = [];
  /** Where the oldest stands. */
  #head = 0;
  #bytes = 0;

  constructor(
    limits: { readonly items: number; readonly bytes: number },
    sizeOf: (item: Item) => number,
    dropped: (item: Item) => void = () => {},
  ) {
    this.#mostItems = limits.items;
    this.#mostBytes = limits.bytes;
    this.#sizeOf = sizeOf;
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest that is held. */
  get oldest(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#bytes += this.#sizeOf(item);
    while (this.size > this.#mostItems || (this.#bytes > this.#mostBytes && this.size > 1)) this.#drop();
  }

  /** One that is held has come to take so many bytes more. */
  grew(bytes: number): void {
    this.#bytes += bytes;
    while (this.#bytes > this.#mostBytes && this.size > 1) this.#drop();
  }

  /** From the newest to the oldest. */
  *newest(): Iterable<Item> {
    for (let index = this.#items.length - 1; index >= this.#head; index--) yield this.#items[index] as Item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #drop(): void {
    const item = this.#items[this.#head] as Item;
    this.#items[this.#head++] = undefined;
    this.#bytes -= this.#sizeOf(item);
    // Moved together now and then: to shift each time would cost as much as the ring is long.
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.#dropped(item);
  }
}
