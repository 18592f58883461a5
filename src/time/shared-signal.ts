import { type CancelListener, Cancellation, type CancelSignal } from './cancellation.js';

/** All of ours who listen to one signal. */
class SharedSignal {
  readonly #listeners = new Set<CancelListener>();

  constructor(private readonly signal: CancelSignal) {}

  add(listener: CancelListener): void {
    if (this.#listeners.size === 0) this.signal.addEventListener('abort', this, { once: true });
    this.#listeners.add(listener);
  }

  delete(listener: CancelListener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.signal.removeEventListener('abort', this);
  }

  handleEvent(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }
}

const shared = new WeakMap<CancelSignal, SharedSignal>();

/**
 * Listens to a signal that a caller may have given to many calls at a time. However many of ours there are, the signal has
 * one listener: of more than ten Node warns as of a leak.
 */
export function listenForAbort(signal: CancelSignal | undefined, listener: CancelListener): void {
  if (signal === undefined) return;
  if (signal instanceof Cancellation) return signal.addEventListener('abort', listener);
  let sharing = shared.get(signal);
  if (sharing === undefined) {
    sharing = new SharedSignal(signal);
    shared.set(signal, sharing);
  }
  sharing.add(listener);
}

/** Takes a listener off again; nothing happens if it has been told or never was there. */
export function unlistenForAbort(signal: CancelSignal | undefined, listener: CancelListener): void {
  if (signal === undefined) return;
  if (signal instanceof Cancellation) signal.removeEventListener('abort', listener);
  else shared.get(signal)?.delete(listener);
}
