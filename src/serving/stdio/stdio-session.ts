import { isUtf8 } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from '../../observability/logger.js';
import { writeMessage } from '../mcp/answer-size.js';
import { eraOf } from '../mcp/era.js';
import { idOf, readIncoming } from '../mcp/incoming-message.js';
import { requestIdsIn, RequestLines } from './request-lines.js';
import { withoutByteOrderMark } from '../../wire/framing/utf8-text.js';
import { structureBytesOf } from '../mcp/request-weight.js';
import { busyCode, type ServerLoad } from '../server-load.js';
import type { McpService } from '../mcp/mcp-service.js';
import { maxUnreadBytes } from '../mcp/running-call.js';
import { SessionClient } from '../mcp/session-client.js';
import { SessionCalls } from '../mcp/session-calls.js';

const notOneMessage = 'Invalid request: this is not one JSON-RPC 2.0 request with an id that is a text or an integer';

/** The streams of a server over stdio. */
export interface StdioStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

export interface StdioSessionDependencies {
  readonly service: McpService;
  /** As log texts name it: `the host`. */
  readonly client: string;
  readonly load: ServerLoad;
  readonly maxMessageBytes: number;
  readonly logger: Logger;
}

/**
 * One session over standard input and output, a message a line. The SDK's own transport copies what it holds of a line
 * with every piece that comes, says nothing of lines that are no messages, and reads on while nobody reads its answers.
 */
export class StdioSession implements Transport {
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onmessage?: Transport['onmessage'];
  readonly #streams: StdioStreams;
  readonly #dependencies: StdioSessionDependencies;
  readonly #lines: RequestLines;
  readonly #client: SessionClient;
  readonly #calls: SessionCalls;
  #strayLines = 0;
  /** Takes messages; reads no more; is over. */
  #phase: 'serving' | 'draining' | 'closed' = 'serving';

  constructor(streams: StdioStreams, dependencies: StdioSessionDependencies) {
    this.#streams = streams;
    this.#dependencies = dependencies;
    const { service, load } = dependencies;
    const say = (message: JSONRPCNotification | JSONRPCRequest): boolean => this.#say(message);
    this.#client = new SessionClient({ service, say });
    this.#calls = new SessionCalls(this.#client, load, {
      say,
      answer: (message) => this.#write(writeMessage(message)),
    });
    this.#lines = new RequestLines({
      maxBytes: dependencies.maxMessageBytes,
      onLine: (line) => this.#takeLine(line),
      onTooLong: (ids) => this.#refuseTooLong(ids),
    });
  }

  get isClosed(): boolean {
    return this.#phase === 'closed';
  }

  start(): Promise<void> {
    const { stdin, stdout } = this.#streams;
    stdin.on('data', this.#read);
    stdin.on('end', this.#readLast);
    stdout.on('drain', this.#readOn);
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#write(writeMessage(message));
    return Promise.resolve();
  }

  /** Reads no more. */
  drain(): void {
    this.#phase = 'draining';
    this.#client.drain();
    this.#streams.stdin.pause();
  }

  /** Settles when no call is running. */
  idle(): Promise<void> {
    return this.#calls.idle();
  }

  close(): Promise<void> {
    this.#phase = 'closed';
    const { stdin, stdout } = this.#streams;
    stdin.off('data', this.#read);
    stdin.off('end', this.#readLast);
    stdout.off('drain', this.#readOn);
    this.#calls.leave();
    this.#client.close();
    this.onclose?.();
    return Promise.resolve();
  }

  get #outputIsFull(): boolean {
    return this.#streams.stdout.writableNeedDrain;
  }

  readonly #read = (chunk: Buffer): void => {
    const read = this.#lines.push(chunk);
    if (read < chunk.length) this.#streams.stdin.unshift(chunk.subarray(read));
  };

  readonly #readLast = (): void => this.#lines.end();

  readonly #readOn = (): void => {
    if (this.#phase === 'serving') this.#streams.stdin.resume();
  };

  /** False when the lines behind this one have to wait. */
  #takeLine(line: Buffer): boolean {
    if (line.length > 0) this.#parse(line);
    return !this.#outputIsFull;
  }

  #parse(line: Buffer): void {
    let parsed: unknown;
    let bytes = line.length;
    try {
      if (!isUtf8(line)) return this.#refuseBroken(line);
      const text = withoutByteOrderMark(line.toString('utf8'));
      bytes += structureBytesOf(text);
      parsed = JSON.parse(text);
    } catch {
      return this.#refuseBroken(line);
    }
    this.#receive(parsed, bytes, line);
  }

  #receive(parsed: unknown, bytes: number, line: Buffer): void {
    const era = eraOf({}, parsed);
    if (era !== 'legacy') {
      const id = idOf(parsed);
      if (id === null) return this.#ignore('notified in a newer revision of the protocol');
      return this.#fail(id, era.rpcCode, era.message, era.rpcData);
    }
    const incoming = readIncoming(parsed);
    switch (incoming.kind) {
      case 'request':
        return this.#take(incoming.request, bytes);
      case 'notification':
        if (incoming.method === 'notifications/cancelled') this.#calls.cancel(incoming.params['requestId']);
        else this.#client.hear(incoming);
        return;
      case 'answer':
        if (!this.#client.settle(incoming.answer)) this.#ignore('answered a request that nobody made');
        return;
      case 'badRequest':
        for (const id of incoming.ids) this.#fail(id, ErrorCode.InvalidRequest, notOneMessage);
        return;
      case 'stray':
        return this.#stray(line);
    }
  }

  #ignore(what: string): void {
    const { client, logger } = this.#dependencies;
    logger.debug({}, `${client} ${what}; ignored`);
  }

  #take(message: JSONRPCRequest, bytes: number): void {
    const taken = this.#client.take(message);
    if (taken === undefined) return this.onmessage?.(message);
    if (typeof taken !== 'function') return this.#write(writeMessage(taken));
    const refusal = this.#calls.start(message.id, taken, bytes);
    if (refusal !== undefined) this.#fail(message.id, busyCode, refusal);
  }

  #refuseTooLong(ids: readonly RequestId[]): boolean {
    const { client, logger, maxMessageBytes } = this.#dependencies;
    logger.warn({ maxMessageBytes }, `${client} sent a line that is longer than a message may be; refused`);
    for (const id of ids) {
      this.#fail(id, ErrorCode.InvalidRequest, `The message is larger than ${maxMessageBytes} bytes`);
    }
    return !this.#outputIsFull;
  }

  /** What cannot be parsed may still be somebody's request. */
  #refuseBroken(line: Buffer): void {
    const ids = requestIdsIn(line);
    if (ids.length === 0) this.#stray(line);
    for (const id of ids) this.#fail(id, ErrorCode.ParseError, 'Parse error: the message is not JSON in UTF-8');
  }

  #fail(id: RequestId | null, code: number, message: string, data?: unknown): void {
    const error = { code, message, ...(data !== undefined && { data }) };
    this.#write(JSON.stringify({ jsonrpc: '2.0', id, error }));
  }

  /** Whoever does not read is told nothing more, and gets the answers at least. */
  #say(message: JSONRPCNotification | JSONRPCRequest): boolean {
    const { stdout } = this.#streams;
    if (!stdout.writable || stdout.writableLength > maxUnreadBytes) return false;
    this.#write(writeMessage(message));
    return true;
  }

  #write(line: string): void {
    this.#streams.stdout.write(`${line}\n`);
    // Nobody reads what we answer, so nothing is read that would have to be answered.
    if (this.#outputIsFull) this.#streams.stdin.pause();
  }

  /** The first is worth a warning; what is in it may be anybody's data. */
  #stray({ length }: Buffer): void {
    const level = this.#strayLines++ === 0 ? 'warn' : 'debug';
    const { client, logger } = this.#dependencies;
    logger[level]({ length }, `${client} sent a line that is no JSON-RPC message; ignored`);
  }
}
