/** Who hears of something. */
export class Listeners<Heard> {
  readonly #listeners = new Set<(heard: Heard) => void>();

  /** Adds a listener; returns what takes it off. */
  readonly add = (listener: (heard: Heard) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly tell = (heard: Heard): void => {
    for (const listener of this.#listeners) listener(heard);
  };
}
