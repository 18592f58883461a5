import { type CancelSignal, Cancellation } from '../time/cancellation.js';

/** Whoever waits for an answer. */
export interface Waiting {
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** The same, for those who can do with less. */
  readonly cancellation?: CancelSignal;
}

/** A caller whose real signal is made only when somebody asks for it: making one costs as much as a short chain. */
export class Caller implements Waiting {
  readonly cancellation = new Cancellation();
  #signal: AbortSignal | undefined;

  get signal(): AbortSignal {
    this.#signal ??= this.cancellation.toAbortSignal();
    return this.#signal;
  }

  /** Whether nobody waits any more. */
  get hasLeft(): boolean {
    return this.cancellation.aborted;
  }

  /** Nobody waits any more. */
  leave(reason: Error): void {
    this.cancellation.abort(reason);
  }
}
