import type { Link, Transport } from '../transports/transport.js';

/**
 * The one place for a link that takes calls: what is opened goes in here, and the next one is opened only when this one is
 * gone, or was put aside because it takes no new calls any more.
 */
export class LinkSlot<Request, Response> {
  readonly #transport: Transport<Request, Response>;
  #link: Link<Request, Response> | undefined;
  /** Settles when nothing of earlier links is left. Never rejects. */
  #gone: Promise<void> = Promise.resolve();
  /** Links put aside, that carry the requests they have. */
  readonly #retired = new Set<Link<Request, Response>>();

  constructor(transport: Transport<Request, Response>) {
    this.#transport = transport;
  }

  get link(): Link<Request, Response> | undefined {
    return this.#link;
  }

  /**
   * Opens a link, unless `signal` aborts first: what comes of it then is closed.
   *
   * @param proven whether the link counts as open only when there was a sign of life on it
   */
  async open(signal: AbortSignal, proven: boolean): Promise<void> {
    await this.#gone;
    signal.throwIfAborted();
    // Not the caller's signal: a transport that listens to it must not hear of anything once the link is open.
    const attempt = new AbortController();
    const giveUp = (): void => attempt.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    const opening = proven ? this.#openProven(attempt.signal) : this.#transport.open(attempt.signal);
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

  /** Puts the link aside until it ends; settles when nothing of it is left. The next one may be opened meanwhile. */
  async retire(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#retired.add(link);
    await link.closed;
    await ended(link);
    this.#retired.delete(link);
  }

  /** Ends the links that were put aside; settles when nothing of them is left. */
  async releaseRetired(): Promise<void> {
    await Promise.all([...this.#retired].map(ended));
  }

  get retired(): Iterable<Link<Request, Response>> {
    return this.#retired;
  }

  async #openProven(signal: AbortSignal): Promise<Link<Request, Response>> {
    const link = await this.#transport.open(signal);
    try {
      // A link that opens after all is not wanted: with a signal that has aborted already, its ping might never end.
      signal.throwIfAborted();
      await link.ping?.(signal);
    } catch (error) {
      await ended(link);
      throw error;
    }
    return link;
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
