/**
 * Lets the event loop go on between pieces of work that are begun side by side, of which there may be thousands: so many
 * begin in one of its turns, in the order in which they were asked for, and what arrives meanwhile is handled first.
 */
export class Pace {
  readonly #most: number;
  #left: number;
  readonly #waiting: (() => void)[] = [];

  /** @param most how many may begin in one turn */
  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /** One more is to begin: settles when it may, which is at once while there is room in this turn. */
  next(): Promise<void> {
    // Whoever has begun one has asked for the next turn.
    if (this.#left === this.#most) setImmediate(this.#onTurn);
    if (this.#left === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#left--;
    return Promise.resolve();
  }

  readonly #onTurn = (): void => {
    const begun = this.#waiting.splice(0, this.#most);
    this.#left = this.#most - begun.length;
    if (begun.length > 0) setImmediate(this.#onTurn);
    for (const begin of begun) begin();
  };
}
