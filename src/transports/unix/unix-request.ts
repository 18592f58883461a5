import type { CancelSignal } from '../../time/cancellation.js';
import { deferred } from '../../time/deferred.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import type { LinkError } from '../transport.js';

/** One request on its way: settles once, however often it is told. */
export class UnixRequest {
  readonly call: PluginCall;
  readonly #signal: CancelSignal;
  readonly #onAbort: (request: UnixRequest) => void;
  readonly #answer = deferred<PluginAnswer>();

  /** @param onAbort what to do, before the promise rejects, when nobody waits for the answer any more */
  constructor(call: PluginCall, signal: CancelSignal, onAbort: (request: UnixRequest) => void) {
    this.call = call;
    this.#signal = signal;
    this.#onAbort = onAbort;
    signal.addEventListener('abort', this, { once: true });
  }

  get answer(): Promise<PluginAnswer> {
    return this.#answer.promise;
  }

  /** The signal aborted. */
  handleEvent(): void {
    this.#onAbort(this);
    this.#answer.reject(this.#signal.reason);
  }

  answered(answer: PluginAnswer): void {
    this.#signal.removeEventListener('abort', this);
    this.#answer.resolve(answer);
  }

  failed(error: LinkError): void {
    this.#signal.removeEventListener('abort', this);
    this.#answer.reject(error);
  }
}
