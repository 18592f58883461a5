import type { GateWatch } from '../../plugins/plugin-gate.js';

/** Counts the plugins of a manager that chains leave out. */
export class ClosedGates implements GateWatch {
  #closed = 0;

  get closed(): number {
    return this.#closed;
  }

  add(): void {
    this.#closed++;
  }

  remove(): void {
    this.#closed--;
  }
}
