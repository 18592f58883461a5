/** Levels of elements. Parsers look through all of them at an end that ends none. */
const mostLevels = 1000;

/** Why a text is more than can be read in linear time. */
export class NestingError extends Error {}

/** How deep the elements are that a parser has open. What it is told is what the parser itself has read. */
export class ElementDepth {
  #levels = 0;

  /** @throws NestingError */
  open(): void {
    if (++this.#levels > mostLevels) throw new NestingError(`its elements are nested deeper than ${mostLevels} levels`);
  }

  close(): void {
    this.#levels--;
  }
}
