/**
 * What tells lives of plugins apart while several have one name: the first is called by its name, others have a number
 * behind it.
 */
export class LifeLabels {
  readonly #taken = new Set<string>();

  take(name: string): string {
    let label = name;
    for (let number = 2; this.#taken.has(label); number++) label = `${name}#${number}`;
    this.#taken.add(label);
    return label;
  }

  free(label: string): void {
    this.#taken.delete(label);
  }
}
