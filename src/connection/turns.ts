/** Gives so many turns at a time, in the order in which they were asked for. */
export class Turns {
  readonly #most: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Turns that are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Waits for a turn, unless `signal` aborts first. Gives back what ends it; whoever has a turn ends it once. */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const go = (): void => {
        this.#waiting.delete(go);
        signal.removeEventListener('abort', leave);
        this.#taken++;
        resolve(() => this.#end());
      };
      const leave = (): void => {
        this.#waiting.delete(go);
        reject(signal.reason);
      };
      if (this.#taken < this.#most) return go();
      this.#waiting.add(go);
      signal.addEventListener('abort', leave, { once: true });
      return undefined;
    });
  }

  #end(): void {
    this.#taken--;
    const [next] = this.#waiting;
    next?.();
  }
}

/** The turn of one connection, from when it was given until it has ended. */
export class TurnHolder {
  readonly #turns: Turns | undefined;
  #end: (() => void) | undefined;

  constructor(turns: Turns | undefined) {
    this.#turns = turns;
  }

  async take(signal: AbortSignal): Promise<void> {
    const end = await this.#turns?.take(signal);
    // It may not be wanted any more by the time that this is heard.
    if (signal.aborted) end?.();
    else this.#end = end;
  }

  /** Nothing happens without a turn. */
  end(): void {
    const end = this.#end;
    this.#end = undefined;
    end?.();
  }
}
