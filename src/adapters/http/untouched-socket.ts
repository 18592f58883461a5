import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Tells whether anybody has written to the socket of an answer beside the answer, past all that looks at it. Not of one
 * that waits for its turn behind others of the same connection (pipelining), nor over HTTP/2, where Node lets nobody do so.
 */
export class UntouchedSocket {
  readonly #socket: Socket | null;
  #written: number | undefined;

  /** @param response of which nothing was written yet */
  constructor(response: ServerResponse) {
    this.#socket = 'stream' in response ? null : response.socket;
    this.#written = this.#socket?.bytesWritten;
  }

  get isTouched(): boolean {
    return this.#socket?.bytesWritten !== this.#written;
  }

  /** Runs what writes to it by right: what Node itself says before an answer. */
  allowing<Result>(write: () => Result): Result {
    const wasTouched = this.isTouched;
    try {
      return write();
    } finally {
      if (!wasTouched) this.#written = this.#socket?.bytesWritten;
    }
  }
}
