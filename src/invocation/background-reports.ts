import type { BackgroundReport } from '../hooks/hook-outcome.js';
import { type Deferred, deferred } from '../time/deferred.js';

/** What became of the plugins in the background of one invocation. Nearly nobody asks, so that the promise is made for who does. */
export class BackgroundReports {
  /** By place in the chain. */
  readonly #reports: BackgroundReport[] = [];
  #left: number;
  #asked: Deferred<readonly BackgroundReport[]> | undefined = undefined;

  /** @param count how many there will be */
  constructor(count: number) {
    this.#left = count;
  }

  /** One for each plugin, in the order of the chain, when all have ended; never rejects. */
  get promise(): Promise<readonly BackgroundReport[]> {
    if (this.#asked === undefined) {
      this.#asked = deferred();
      if (this.#left === 0) this.#tell(this.#asked);
    }
    return this.#asked.promise;
  }

  /** @returns whether it was the last one */
  add(index: number, report: BackgroundReport): boolean {
    this.#reports[index] = report;
    if (--this.#left > 0) return false;
    if (this.#asked !== undefined) this.#tell(this.#asked);
    return true;
  }

  #tell(asked: Deferred<readonly BackgroundReport[]>): void {
    for (const report of this.#reports) Object.freeze(report);
    asked.resolve(Object.freeze(this.#reports));
  }
}
