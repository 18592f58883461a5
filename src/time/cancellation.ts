/** Who wants to know that nobody waits any more. */
export type CancelListener = (() => void) | { handleEvent(): void };

/** What listeners need of an AbortSignal. Every AbortSignal is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: CancelListener, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: CancelListener): void;
}

/**
 * An AbortController and its signal in one, without the event machinery: two a call would cost more than all else the
 * call does here (see `npm run bench`). For inside use; plugins and callers get and give real AbortSignals.
 */
export class Cancellation implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  /** Nearly always there is one, which needs no list. */
  #listeners: CancelListener | CancelListener[] | undefined;

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners === undefined) return;
    if (!Array.isArray(listeners)) return tell(listeners);
    for (const listener of listeners) tell(listener);
  }

  addEventListener(_type: 'abort', listener: CancelListener): void {
    if (this.aborted) return;
    const listeners = this.#listeners;
    if (listeners === undefined) this.#listeners = listener;
    else if (!Array.isArray(listeners)) this.#listeners = listeners === listener ? listener : [listeners, listener];
    else if (!listeners.includes(listener)) listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    const listeners = this.#listeners;
    if (listeners === listener) this.#listeners = undefined;
    else if (Array.isArray(listeners)) this.#listeners = listeners.filter((known) => known !== listener);
  }

  /** A real signal that aborts when this does. */
  toAbortSignal(): AbortSignal {
    const controller = new AbortController();
    if (this.aborted) controller.abort(this.reason);
    else this.addEventListener('abort', () => controller.abort(this.reason));
    return controller.signal;
  }
}

function tell(listener: CancelListener): void {
  if (typeof listener === 'function') listener();
  else listener.handleEvent();
}
