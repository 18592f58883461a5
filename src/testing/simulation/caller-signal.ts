import type { CancelListener, CancelSignal } from '../../time/cancellation.js';

/** The signal of one simulated call, which knows who still listens to it. */
export class CallerSignal implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<CancelListener>();

  /** Those who listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = new Error('the simulated caller gave up');
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }

  addEventListener(_type: 'abort', listener: CancelListener): void {
    if (!this.aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    this.#listeners.delete(listener);
  }
}
