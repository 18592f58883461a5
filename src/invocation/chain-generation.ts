import { WaitGroup } from '../time/wait-group.js';

/** The chains of one configuration: counts the invocations, background work included, that run on them. */
export class ChainGeneration {
  /** Which configuration of the manager it is, counted from 1; 0 while none is in force. */
  revision = 0;
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
