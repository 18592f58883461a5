import { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/**
 * The sockets of undici's dispatchers, from when they are made. A dispatcher that is destroyed leaves those alone that look
 * up a name or connect (undici 7.30): the connect time-out would be what ends them.
 */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();

  /** The same connector, whose sockets are known from now on. */
  watch(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      // It returns the socket at once, which its types do not say.
      const made: unknown = connect(options, callback);
      if (!(made instanceof Socket)) return;
      this.#sockets.add(made);
      made.once('close', () => this.#sockets.delete(made));
    };
  }

  /**
   * Ends all that there are; settles when they are gone. Node cannot cancel the lookup of a name (getaddrinfo): nobody waits
   * for one that is under way, but it holds the process until the operating system has an answer or gives it up.
   *
   * @param destroyed destroys the dispatchers, so that nothing new connects
   */
  async end(destroyed: () => readonly (Promise<void> | undefined)[], reason: Error): Promise<void> {
    const sockets = [...this.#sockets];
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    const dispatchers = destroyed();
    // The error is what stops its connect time-out.
    for (const socket of sockets) if (!socket.destroyed) socket.destroy(reason);
    await Promise.all([...dispatchers, ...gone]);
  }
}
