import type { Journal } from './journal.js';

/** A link, or an attempt to open one. */
export interface CountedLink {
  readonly isRetired: boolean;
}

/** Counts the links of one connection: there is to be one at a time, apart from those that retire. */
export class ConnectionCensus {
  readonly #server: string;
  readonly #journal: Journal;
  readonly #living = new Set<CountedLink>();

  constructor(server: string, journal: Journal) {
    this.#server = server;
    this.#journal = journal;
  }

  /** Links that are opening, open, or not gone yet. */
  get living(): number {
    return this.#living.size;
  }

  came(link: CountedLink): void {
    this.#living.add(link);
    const current = [...this.#living].filter(({ isRetired }) => !isRetired).length;
    if (current > 1)
      this.#journal.violate('one-link', `a connection to ${this.#server} has ${current} links at a time`);
  }

  went(link: CountedLink): void {
    this.#living.delete(link);
  }
}

/** The connections to one server. */
export class ChannelCensus {
  readonly #server: string;
  readonly #journal: Journal;
  readonly #connections: ConnectionCensus[] = [];

  constructor(server: string, journal: Journal) {
    this.#server = server;
    this.#journal = journal;
  }

  /** Links of all connections. */
  get living(): number {
    return this.#connections.reduce((sum, { living }) => sum + living, 0);
  }

  connection(): ConnectionCensus {
    // Connections that are gone need not be remembered.
    if (this.#connections.length > 64)
      this.#connections.splice(0, this.#connections.length, ...this.#connections.filter(({ living }) => living > 0));
    const census = new ConnectionCensus(this.#server, this.#journal);
    this.#connections.push(census);
    return census;
  }
}
