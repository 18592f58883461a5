/** Why there is no more: the holder has all that one may have, or everybody together has all there is. */
export type Full = 'ownLimit' | 'sharedLimit';

export interface FairShareLimits {
  /** What all holders may have together. */
  readonly most: number;
  /** What one holder may have. */
  readonly mostEach: number;
}

/**
 * Something that there is so much of, and several who hold parts of it. When everything is given away, those who hold
 * less than an equal part still get some: nobody can keep the others out by holding much.
 */
export class FairShare {
  readonly #limits: FairShareLimits;
  #held = 0;
  #holders = 0;

  constructor(limits: FairShareLimits) {
    this.#limits = limits;
  }

  /** What all holders have together. */
  get held(): number {
    return this.#held;
  }

  /** A holder who has nothing yet. */
  open(): Share {
    return new Share({
      refusal: (held, amount) => {
        if (held + amount > this.#limits.mostEach) return 'ownLimit';
        if (this.#held + amount <= this.#limits.most) return undefined;
        const holders = held > 0 ? this.#holders : this.#holders + 1;
        return held + amount > this.#limits.most / holders ? 'sharedLimit' : undefined;
      },
      change: (held, amount) => {
        this.#held += amount;
        if (held === 0 && amount > 0) this.#holders++;
        else if (held > 0 && held + amount === 0) this.#holders--;
      },
    });
  }
}

interface Common {
  refusal(held: number, amount: number): Full | undefined;
  change(held: number, amount: number): void;
}

/** The part of one holder. */
export class Share {
  readonly #common: Common;
  #held = 0;

  constructor(common: Common) {
    this.#common = common;
  }

  get held(): number {
    return this.#held;
  }

  /** Takes so much, or says why it cannot be had. */
  take(amount: number): Full | undefined {
    const refusal = this.#common.refusal(this.#held, amount);
    if (refusal === undefined) this.add(amount);
    return refusal;
  }

  /** Takes what is there already, whatever the limits. */
  add(amount: number): void {
    this.#common.change(this.#held, amount);
    this.#held += amount;
  }

  give(amount: number): void {
    this.add(-amount);
  }
}
