/** What a template may cost to fill in: steps of the interpreter, and characters or items of any one value. */
export const mostSteps = 1_000_000;
export const largestValue = 8_000_000;
export const largestText = 1_048_576;

/** What one walk through a value may cost: a list may be in another many times over, on every level. */
export class Walk {
  #left = largestValue;

  /** @throws RangeError */
  spend(size: number): void {
    this.#left -= size;
    if (this.#left < 0) throw new RangeError('the value is too large');
  }
}
