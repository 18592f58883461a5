/** What a part of a payload adds to what is counted of the payload. */
export interface PartMeasure {
  /** Its size, but that fractions count as the longest. */
  readonly sizeAtMost: number;
  readonly fractions: number;
  /** Objects and lists, itself included. */
  readonly nodes: number;
  /** Keys and elements, at all depths. */
  readonly entries: number;
  /** Levels below it. */
  readonly height: number;
}

/** Gives back what it is given, so that the private fields of a class that extends it are put there. */
// oxlint-disable-next-line typescript/no-extraneous-class -- a function would need a cast to be extended
class Itself {
  constructor(part: object) {
    // oxlint-disable-next-line no-constructor-return -- that is what it is for
    return part;
  }
}

/**
 * Knows plain data again that was copied and frozen here at every depth, and what was counted of it. Nobody else can make
 * anything pass for it. That something is frozen says nothing: there may be something inside that is not.
 *
 * A private field and not a WeakMap: to enter something there costs 440 ns, and this 30.
 */
export class FrozenPart extends Itself {
  readonly #measure: PartMeasure;

  private constructor(part: object, measure: PartMeasure) {
    super(part);
    this.#measure = measure;
  }

  /** @param part about to be frozen, with nothing inside but values and what is frozen already @returns the same object */
  static remember(part: object, measure: PartMeasure): object {
    return new FrozenPart(part, measure);
  }

  /** What was counted of a part; undefined for anything else. */
  static measureOf(value: object): PartMeasure | undefined {
    return #measure in value ? value.#measure : undefined;
  }
}
