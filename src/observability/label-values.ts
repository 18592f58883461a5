/** What stands for every value beyond the most that are told apart. */
const otherValue = 'other';

const longest = 128;

/** The values of one label. Agents and servers make names up, so there is an end to them: each costs a time series. */
export class LabelValues {
  readonly #most: number;
  readonly #known = new Set<string>();

  /** @param most values that are told apart */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param isReal whether there is something of that name; one that is not known becomes known only then */
  of(value: string, isReal = true): string {
    if (this.#known.has(value)) return value;
    if (!isReal || value.length > longest || this.#known.size >= this.#most) return otherValue;
    this.#known.add(value);
    return value;
  }
}
