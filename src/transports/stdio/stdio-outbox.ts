import type { Writable } from 'node:stream';
import { GatechartError } from '../../errors.js';
import type { McpRequest } from '../mcp/mcp-messages.js';
import { outgoingText } from '../mcp/outgoing-message.js';
import { unwritten } from '../mcp/unanswered-requests.js';
import { LinkError } from '../transport.js';

/** Bytes that are handed to the pipe ahead of what the child has read; more than a stream buffers before it has to drain. */
const bytesAhead = 256 * 1024;

export interface StdioOutboxDependencies {
  readonly name: string;
  readonly stdin: Writable;
  readonly maxMessageBytes: number;
  /** Requests that may wait for the child to read. */
  readonly maxWaiting: number;
  readonly write: (line: string, id: number) => void;
  /** Characters that were written and that the pipe has not taken. */
  readonly unreadLength: () => number;
  /** A request that had waited cannot be written. */
  readonly onFailed: (id: number, error: LinkError) => void;
}

/**
 * Requests on their way to a child. Those that find its pipe full wait here: they have not been sent, are not written out
 * as JSON yet, and cost nothing beyond what their callers hold.
 */
export class StdioOutbox {
  readonly #dependencies: StdioOutboxDependencies;
  readonly #waiting = new Map<number, McpRequest>();

  constructor(dependencies: StdioOutboxDependencies) {
    this.#dependencies = dependencies;
    dependencies.stdin.on('drain', () => this.#pump());
  }

  /** Requests that have not been sent. */
  get size(): number {
    return this.#waiting.size;
  }

  /** @throws LinkError if there is no room for it, or it is too large; what JSON.stringify throws */
  send(id: number, request: McpRequest): void {
    if (this.#waiting.size === 0 && this.#hasRoom()) return this.#write(id, request);
    const { name, maxWaiting } = this.#dependencies;
    if (this.#waiting.size >= maxWaiting) {
      const message = `${name}: the MCP server does not read its input: ${maxWaiting} requests are waiting for it`;
      throw new LinkError('refused', message, { cause: new GatechartError('QUEUE_FULL', message) });
    }
    this.#waiting.set(id, request);
  }

  /** Takes back a request that has not been sent; false if it has. */
  withdraw(id: number): boolean {
    return this.#waiting.delete(id);
  }

  /** Empties it; gives the ids of the requests that were not sent. */
  close(): number[] {
    const ids = [...this.#waiting.keys()];
    this.#waiting.clear();
    return ids;
  }

  #hasRoom(): boolean {
    return this.#dependencies.unreadLength() <= bytesAhead;
  }

  #pump(): void {
    for (const [id, request] of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#waiting.delete(id);
      try {
        this.#write(id, request);
      } catch (error) {
        this.#dependencies.onFailed(id, unwritten(error));
      }
    }
  }

  #write(id: number, request: McpRequest): void {
    this.#dependencies.write(outgoingText(id, request, this.#dependencies), id);
  }
}
