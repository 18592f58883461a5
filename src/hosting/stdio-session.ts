import { isUtf8 } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from '../observability/logger.js';
import { writeMessage } from './answer-size.js';
import { readIncoming, refusalOutsideSession } from './incoming-message.js';
import { RequestIdScanner } from './request-id-scanner.js';
import { RequestLines } from './request-lines.js';
import { withoutByteOrderMark } from './request-text.js';
import { busyCode, type ServerLoad, type SessionLoad } from './server-load.js';
import { SessionCalls, toolCallOf } from './session-calls.js';
import type { ToolCalls } from './tool-calls.js';

/** The streams of a plugin server over stdio. */
export interface StdioStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

export interface StdioSessionParts {
  readonly tools: ToolCalls;
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
  readonly #parts: StdioSessionParts;
  readonly #lines: RequestLines;
  readonly #load: SessionLoad;
  readonly #calls: SessionCalls;
  #strayLines = 0;
  #phase: 'unopened' | 'serving' | 'draining' = 'unopened';

  constructor(streams: StdioStreams, parts: StdioSessionParts) {
    this.#streams = streams;
    this.#parts = parts;
    this.#load = parts.load.open();
    this.#calls = new SessionCalls(parts.tools, this.#load.calls);
    this.#lines = new RequestLines({
      maxBytes: parts.maxMessageBytes,
      onLine: (line) => this.#take(line),
      onTooLong: (id) => this.#refuseTooLong(id),
    });
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
    this.#streams.stdin.pause();
  }

  close(): Promise<void> {
    const { stdin, stdout } = this.#streams;
    stdin.off('data', this.#read);
    stdin.off('end', this.#readLast);
    stdout.off('drain', this.#readOn);
    this.#calls.leave();
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
    if (this.#phase !== 'draining') this.#streams.stdin.resume();
  };

  /** False when the lines behind this one have to wait. */
  #take(line: Buffer): boolean {
    if (line.length > 0) this.#parse(line);
    return !this.#outputIsFull;
  }

  #parse(line: Buffer): void {
    let parsed: unknown;
    try {
      if (!isUtf8(line)) return this.#refuseBroken(line);
      parsed = JSON.parse(withoutByteOrderMark(line.toString('utf8')));
    } catch {
      return this.#refuseBroken(line);
    }
    const incoming = readIncoming(parsed);
    switch (incoming.kind) {
      case 'message':
        return this.#receive(incoming.message, line.length);
      case 'badRequest':
        return this.#fail(incoming.id, ErrorCode.InvalidRequest, 'This is not one JSON-RPC 2.0 message');
      case 'stray':
        return this.#stray(line);
    }
  }

  #receive(message: JSONRPCMessage, bytes: number): void {
    if (!isJSONRPCRequest(message)) {
      if ('method' in message && message.method === 'notifications/cancelled') {
        this.#calls.cancel(message.params?.['requestId']);
      }
      return this.onmessage?.(message);
    }
    const refusal = this.#phase === 'unopened' ? refusalOutsideSession(message) : undefined;
    if (refusal !== undefined) return this.#fail(message.id, refusal.rpcCode, refusal.message, refusal.rpcData);
    if (message.method === 'initialize' && this.#phase === 'unopened') this.#phase = 'serving';
    this.#answerOrRun(message, bytes);
  }

  #answerOrRun(message: JSONRPCRequest, bytes: number): void {
    const call = toolCallOf(message);
    if (call === undefined) return this.onmessage?.(message);
    const { load } = this.#parts;
    if (this.#load.bytes.take(bytes) !== undefined) return this.#fail(message.id, busyCode, load.tooManyBytes());
    const full = this.#calls.start(call, {
      answer: (answer) => void this.send(answer),
      over: () => this.#load.bytes.give(bytes),
    });
    if (full === undefined) return;
    this.#load.bytes.give(bytes);
    this.#fail(message.id, busyCode, load.tooManyCalls(full));
  }

  #refuseTooLong(id: RequestId | undefined): void {
    const { logger, maxMessageBytes } = this.#parts;
    logger.warn({ maxMessageBytes }, 'the host sent a line that is longer than a message may be; refused');
    if (id !== undefined) {
      this.#fail(id, ErrorCode.InvalidRequest, `The message is larger than ${maxMessageBytes} bytes`);
    }
  }

  /** What cannot be parsed may still be somebody's request. */
  #refuseBroken(line: Buffer): void {
    const scanner = new RequestIdScanner();
    scanner.push(line);
    if (scanner.id === undefined) this.#stray(line);
    else this.#fail(scanner.id, ErrorCode.ParseError, 'Parse error: the message is not JSON in UTF-8');
  }

  #fail(id: RequestId | null, code: number, message: string, data?: unknown): void {
    const error = { code, message, ...(data !== undefined && { data }) };
    this.#write(JSON.stringify({ jsonrpc: '2.0', id, error }));
  }

  #write(line: string): void {
    this.#streams.stdout.write(`${line}\n`);
    // Nobody reads what we answer, so nothing is read that would have to be answered.
    if (this.#outputIsFull) this.#streams.stdin.pause();
  }

  /** The first is worth a warning; what is in it may be anybody's data. */
  #stray({ length }: Buffer): void {
    const level = this.#strayLines++ === 0 ? 'warn' : 'debug';
    this.#parts.logger[level]({ length }, 'the host sent a line that is no JSON-RPC message; ignored');
  }
}
