/** Names of rows that are gone, for readers who come back. */
const mostRemoved = 1_000;

/** Rows that are told whole when they change. */
export class RowChanges<Row extends object> {
  readonly #rows = new Map<string, { readonly row: Row; readonly text: string; stamp: number }>();
  readonly #removed = new Map<string, number>();
  readonly #keyOf: (row: Row) => string;
  #removedBefore = 0;

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  /** Number of the last change up to which it is not known any more what was removed. */
  get removedBefore(): number {
    return this.#removedBefore;
  }

  get all(): readonly Row[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  /** Takes the rows as they are now. @param stamp gives the number of the change, where there is one */
  update(rows: readonly Row[], stamp: () => number): void {
    const present = new Set<string>();
    for (const row of rows) {
      const key = this.#keyOf(row);
      present.add(key);
      this.#removed.delete(key);
      const text = JSON.stringify(row);
      if (this.#rows.get(key)?.text !== text) this.#rows.set(key, { row, text, stamp: stamp() });
    }
    for (const key of this.#rows.keys()) if (!present.has(key)) this.#remove(key, stamp());
  }

  after(seq: number): readonly Row[] {
    return [...this.#rows.values()].filter(({ stamp }) => stamp > seq).map(({ row }) => row);
  }

  /** Names of those that were removed since, and have not come back. */
  removedAfter(seq: number): readonly string[] {
    return [...this.#removed].filter(([, stamp]) => stamp > seq).map(([key]) => key);
  }

  #remove(key: string, stamp: number): void {
    this.#rows.delete(key);
    this.#removed.set(key, stamp);
    const [oldest] = this.#removed;
    if (oldest === undefined || this.#removed.size <= mostRemoved) return;
    this.#removed.delete(oldest[0]);
    this.#removedBefore = oldest[1];
  }
}
