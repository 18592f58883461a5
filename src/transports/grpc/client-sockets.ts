import type { ChannelCredentials } from '@grpc/grpc-js';
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';

/** How long the library may take leave of a server. In milliseconds. */
const leaveMs = 1000;

/**
 * Holds the connections of a client. The client library waits without a limit for a server to take a connection and to
 * speak first, and a client that is closed meanwhile forgets them: they would keep the process, and a server that was
 * stopped would hold one more with each attempt.
 */
export class ClientSockets {
  /** Those that a server took. */
  readonly #taken = new Set<Socket>();
  readonly #end = new AbortController();
  #isClosed = false;
  #leaving: NodeJS.Timeout | undefined;

  constructor() {
    setMaxListeners(0, this.#end.signal);
  }

  /**
   * What a connection is made under, and ended by. Node connects all the same when the signal is aborted before it
   * begins, which is why a client that was closed gives none.
   *
   * @throws Error when the client was closed
   */
  readonly signal = (): AbortSignal => {
    if (this.#isClosed) throw new Error('the client was closed');
    return this.#end.signal;
  };

  /** @param credentials of this client alone */
  hold(credentials: ChannelCredentials): void {
    const create = credentials._createSecureConnector.bind(credentials);
    credentials._createSecureConnector = (...request) => {
      const connector = create(...request);
      return {
        connect: (socket) => {
          // It may have been ended in this turn, with an error that nobody else hears.
          socket.on('error', () => {});
          if (this.#isClosed) return Promise.reject(new Error('the client was closed'));
          this.#taken.add(socket);
          socket.once('close', () => this.#left(socket));
          return connector.connect(socket);
        },
        waitForReady: () => connector.waitForReady(),
        getCallCredentials: () => connector.getCallCredentials(),
        destroy: () => connector.destroy(),
      };
    };
  }

  /** Ends all of them at once. The client was closed, and nobody used it. */
  end(): void {
    this.#isClosed = true;
    clearTimeout(this.#leaving);
    for (const socket of this.#taken) socket.destroy();
    this.#end.abort();
  }

  /** Ends those that the library leaves. The client was closed, or is about to be, after it was used. */
  release(): void {
    if (this.#taken.size === 0) return this.end();
    this.#isClosed = true;
    this.#leaving = setTimeout(() => this.end(), leaveMs).unref();
  }

  #left(socket: Socket): void {
    this.#taken.delete(socket);
    if (this.#leaving !== undefined && this.#taken.size === 0) this.end();
  }
}
