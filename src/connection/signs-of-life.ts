import { messageOf } from '../errors.js';
import { deferred } from '../time/deferred.js';
import type { Link } from '../transports/transport.js';

/** What was heard of the other side of a connection, and what was not. */
export class SignsOfLife {
  /** Requests that were given up since anything was heard, their time being over. */
  #unanswered = 0;
  #onHeard: (() => void) | undefined;

  get unanswered(): number {
    return this.#unanswered;
  }

  heard(): void {
    this.#unanswered = 0;
    this.#onHeard?.();
    this.#onHeard = undefined;
  }

  missed(): void {
    this.#unanswered++;
  }

  /** Asks for a sign of life on a link. An answer to a request in flight, meanwhile, is as good as one to this. */
  async ask(link: Link<never, unknown> | undefined, signal: AbortSignal): Promise<void> {
    const silent = `${this.#unanswered} calls in a row were not answered`;
    if (link?.ping === undefined) throw new Error(silent);
    const heard = deferred();
    this.#onHeard = heard.resolve;
    // Also when the ping is not needed any more.
    const over = new AbortController();
    const giveUp = (): void => over.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await Promise.race([heard.promise, link.ping(over.signal)]);
    } catch (error) {
      throw new Error(`${silent}, nor was a ping: ${messageOf(error)}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', giveUp);
      over.abort(new Error('another answer came first'));
    }
    this.heard();
  }
}
