import { WaitGroup } from '../time/wait-group.js';

/** The chains of one configuration: counts the invocations, background work included, that run on them. */
export class ChainGeneration {
  readonly #running = new WaitGroup();

  enter(): void {
    this.#running.add();
  }

  leave(): void {
    this.#running.done();
  }

  /** Settles when nothing runs on these chains any more: at once, if nothing does now. */
  idle(): Promise<void> {
    return this.#running.idle();
  }
}
