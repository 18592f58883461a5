/** Rows that are told whole when they change. */
export class RowChanges<Row extends object> {
  readonly #rows = new Map<string, { readonly row: Row; readonly text: string; stamp: number }>();
  readonly #keyOf: (row: Row) => string;

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
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
      const text = JSON.stringify(row);
      if (this.#rows.get(key)?.text !== text) this.#rows.set(key, { row, text, stamp: stamp() });
    }
    for (const key of this.#rows.keys()) if (!present.has(key)) this.#rows.delete(key);
  }

  after(seq: number): readonly Row[] {
    return [...this.#rows.values()].filter(({ stamp }) => stamp > seq).map(({ row }) => row);
  }
}
