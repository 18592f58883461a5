import { isDeepStrictEqual } from 'node:util';
import { Cancellation } from '../time/cancellation.js';
import { listenForAbort, unlistenForAbort } from '../time/shared-signal.js';
import type { CallOptions, ConnectionStatus, OwnConnection } from './connection-api.js';
import { connectionClosed } from './connection-refusal.js';

/** One connection, and how many have it. */
interface Shared<Request, Response> {
  readonly reachedBy: unknown;
  readonly connection: OwnConnection<Request, Response>;
  users: number;
}

/**
 * Connections that several have at a time: whoever asks for a server that is reached in the same way gets the same one.
 * It is closed when the last of them closes theirs.
 */
export class SharedConnections<Request, Response> {
  readonly #open: Shared<Request, Response>[] = [];

  /** Number of connections that somebody has. */
  get size(): number {
    return this.#open.length;
  }

  /**
   * A connection of one's own to look at, which ends on `close`. What is said of it by `status` holds for all who have it.
   *
   * @param reachedBy plain data; those who give equal data get the same connection
   * @param open makes the connection, where nobody has it yet
   */
  obtain(reachedBy: unknown, open: () => OwnConnection<Request, Response>): OwnConnection<Request, Response> {
    const known = this.#open.find((one) => isDeepStrictEqual(one.reachedBy, reachedBy) && !one.connection.isClosed);
    const shared = known ?? { reachedBy, connection: open(), users: 0 };
    if (known === undefined) this.#open.push(shared);
    shared.users++;
    return new ConnectionShare(shared.connection, () => this.#leave(shared));
  }

  #leave(shared: Shared<Request, Response>): Promise<void> {
    shared.users--;
    if (shared.users > 0) return Promise.resolve();
    // Whoever asks from now on gets a new one: this one takes no more calls.
    this.#open.splice(this.#open.indexOf(shared), 1);
    return shared.connection.close();
  }
}

/** What one of several has of a connection. Its end cancels its own calls, and no others. */
class ConnectionShare<Request, Response> implements OwnConnection<Request, Response> {
  readonly name: string;
  readonly #connection: OwnConnection<Request, Response>;
  readonly #leave: () => Promise<void>;
  readonly #calls = new Set<Cancellation>();
  #closing: Promise<void> | undefined;

  constructor(connection: OwnConnection<Request, Response>, leave: () => Promise<void>) {
    this.name = connection.name;
    this.#connection = connection;
    this.#leave = leave;
  }

  async request(message: Request, options: CallOptions): Promise<Response> {
    if (this.#closing !== undefined) throw this.#closed();
    const { signal } = options;
    const cancellation = new Cancellation();
    const cancel = (): void => cancellation.abort(signal?.reason);
    if (signal?.aborted === true) cancel();
    listenForAbort(signal, cancel);
    this.#calls.add(cancellation);
    try {
      return await this.#connection.request(message, { ...options, signal: cancellation });
    } finally {
      this.#calls.delete(cancellation);
      unlistenForAbort(signal, cancel);
    }
  }

  async connect(): Promise<void> {
    if (this.#closing !== undefined) throw this.#closed();
    await this.#connection.connect();
  }

  get isClosed(): boolean {
    return this.#closing !== undefined || this.#connection.isClosed;
  }

  status(): ConnectionStatus {
    const status = this.#connection.status();
    if (this.#closing === undefined) return status;
    return { ...status, state: 'closed', nextTimerInMs: undefined, waiting: 0, inFlight: 0 };
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#leave();
      const reason = this.#closed();
      for (const call of this.#calls) call.abort(reason);
    }
    return this.#closing;
  }

  #closed(): Error {
    return connectionClosed(this.name, this.#connection.status().target);
  }
}
