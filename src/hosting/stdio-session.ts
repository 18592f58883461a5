import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from '../observability/logger.js';
import { LineSplitter } from '../transports/line-splitter.js';

/** The streams of a plugin server over stdio. */
export interface StdioStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

export interface StdioSessionParts {
  readonly maxMessageBytes: number;
  readonly logger: Logger;
  /** The client sent a line that is too long; nothing is read any more. */
  readonly onOverflow: () => void;
}

/**
 * One session over standard input and output, a message a line. The SDK's own transport copies what it holds of a line
 * with every piece that comes, and says nothing of lines that are no messages.
 */
export class StdioSession implements Transport {
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onmessage?: Transport['onmessage'];
  readonly #streams: StdioStreams;
  readonly #parts: StdioSessionParts;
  readonly #splitter: LineSplitter;
  #strayLines = 0;

  constructor(streams: StdioStreams, parts: StdioSessionParts) {
    this.#streams = streams;
    this.#parts = parts;
    this.#splitter = new LineSplitter(parts.maxMessageBytes, (line) => this.#take(line));
  }

  start(): Promise<void> {
    this.#streams.stdin.on('data', this.#read);
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#streams.stdout.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#streams.stdin.off('data', this.#read);
    this.onclose?.();
    return Promise.resolve();
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#splitter.push(chunk)) return;
    const { logger, maxMessageBytes, onOverflow } = this.#parts;
    logger.error({ maxMessageBytes }, 'the host sent a line that is longer than a message may be; the server ends');
    this.#streams.stdin.off('data', this.#read);
    onOverflow();
  };

  #take(line: string): void {
    if (line === '') return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      return this.#stray(line);
    }
    const message = JSONRPCMessageSchema.safeParse(parsed);
    if (message.success) this.onmessage?.(message.data);
    else this.#stray(line);
  }

  /** The first is worth a warning; what is in it may be anybody's data. */
  #stray({ length }: string): void {
    const level = this.#strayLines++ === 0 ? 'warn' : 'debug';
    this.#parts.logger[level]({ length }, 'the host sent a line that is no JSON-RPC message; ignored');
  }
}
