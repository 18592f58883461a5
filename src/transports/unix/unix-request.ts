import type { CancelSignal } from '../../time/cancellation.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import type { LinkError } from '../transport.js';

/** One request on its way: settles once, however often it is told. */
export class UnixRequest {
  readonly call: PluginCall;
  readonly answer: Promise<PluginAnswer>;
  readonly #signal: CancelSignal;
  readonly #onAbort: (request: UnixRequest) => void;
  #resolve!: (answer: PluginAnswer) => void;
  #reject!: (error: unknown) => void;

  /** @param onAbort what to do, before the promise rejects, when nobody waits for the answer any more */
  constructor(call: PluginCall, signal: CancelSignal, onAbort: (request: UnixRequest) => void) {
    this.call = call;
    this.#signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#onAbort = onAbort;
    signal.addEventListener('abort', this, { once: true });
  }

  /** The signal aborted. */
  handleEvent(): void {
    this.#onAbort(this);
    this.#reject(this.#signal.reason);
  }

  answered(answer: PluginAnswer): void {
    this.#signal.removeEventListener('abort', this);
    this.#resolve(answer);
  }

  failed(error: LinkError): void {
    this.#signal.removeEventListener('abort', this);
    this.#reject(error);
  }
}
