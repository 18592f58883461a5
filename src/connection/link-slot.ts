import type { Link, Transport } from '../transports/transport.js';

/** The one place for a link: what is opened goes in here, and the next one is opened only when this one is gone. */
export class LinkSlot<Request, Response> {
  readonly #transport: Transport<Request, Response>;
  #link: Link<Request, Response> | undefined;
  /** Settles when nothing of earlier links is left. Never rejects. */
  #gone: Promise<void> = Promise.resolve();

  constructor(transport: Transport<Request, Response>) {
    this.#transport = transport;
  }

  get link(): Link<Request, Response> | undefined {
    return this.#link;
  }

  /** Opens a link, unless `signal` aborts first: what comes of it then is closed. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#gone;
    signal.throwIfAborted();
    // Not the caller's signal: a transport that listens to it must not hear of anything once the link is open.
    const attempt = new AbortController();
    const giveUp = (): void => attempt.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    const opening = this.#transport.open(attempt.signal);
    this.#gone = opening.then(
      (link) => (signal.aborted ? ended(link) : undefined),
      () => undefined,
    );
    try {
      const link = await opening;
      signal.throwIfAborted();
      this.#link = link;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Ends the link, if there is one; settles when nothing of it is left. */
  release(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    if (link !== undefined) this.#gone = Promise.all([this.#gone, ended(link)]).then(() => undefined);
    return this.#gone;
  }
}

/** Holds `close` to its contract, which says that it never rejects: there is nothing left to try. */
async function ended(link: Link<never, unknown>): Promise<void> {
  try {
    await link.close();
  } catch {
    // The transport has logged what it knows.
  }
}
