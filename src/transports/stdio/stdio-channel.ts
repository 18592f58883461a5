import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { GatechartError, messageOf } from '../../errors.js';
import { isSdkMessage, isBadInitializeAnswer, badInitializeAnswer, type WireMessage } from '../mcp/json-rpc.js';
import type { HandshakeChannel } from '../mcp/mcp-handshake.js';
import type { MessageOutline } from '../../wire/framing/message-scanner.js';
import { LineWriter } from './line-writer.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';
import { StdioReader } from './stdio-reader.js';

export interface StdioChannelOptions extends ServerProcessOptions {
  readonly maxMessageBytes: number;
  /** Milliseconds in which a line has to end that is longer than that. */
  readonly longLineMs: number;
  /** Hears every message first; false hands it to the SDK's client. */
  readonly onMessage: (message: WireMessage) => boolean;
  /** A message that could not be read: what can be told of it, and what is wrong with it. */
  readonly onUnreadable: (outline: MessageOutline, trouble: UnreadableMessage) => void;
  /** Called once, as soon as no more messages can be exchanged. `error` is absent when we closed it. */
  readonly onEnded: (error: GatechartError | undefined) => void;
}

/** What is wrong with a message: it is longer than allowed, or it begins as `shown` and is not JSON. */
export type UnreadableMessage =
  | { readonly kind: 'tooLong'; readonly maxBytes: number }
  | { readonly kind: 'broken'; readonly shown: string };

/**
 * Newline-delimited JSON over a child's standard streams. The SDK's own stdio transport ends the child alone, never
 * what the child started, and parses every message with a schema that its protocol layer applies again.
 */
export class StdioChannel implements HandshakeChannel {
  protocolVersion: string | undefined;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #options: StdioChannelOptions;
  readonly #process: ServerProcess;
  readonly #reader: StdioReader;
  readonly #writer: LineWriter;
  /** Of the requests that were written since anything else was: the first and the last one. */
  #firstWritten: number | undefined;
  #lastWritten: number | undefined;
  /** Of what is no request of a call, most of all answers to what the server asks. */
  #unreadAnswerBytes = 0;
  #ended: Promise<void> | undefined;

  constructor(options: StdioChannelOptions) {
    this.#options = options;
    const { child, clock, logger, longLineMs, maxMessageBytes, name, onUnreadable } = options;
    this.#reader = new StdioReader({
      name,
      logger,
      clock,
      longLineMs,
      maxMessageBytes,
      onMessage: (message) => this.#message(message),
      onLongMessage: (outline) => onUnreadable(outline, { kind: 'tooLong', maxBytes: maxMessageBytes }),
      onBrokenMessage: (outline, shown) => onUnreadable(outline, { kind: 'broken', shown }),
      onProtocolError: (what) => this.endWithProtocolError(what),
    });
    this.#writer = new LineWriter(child.stdin);
    this.#process = new ServerProcess(options);
    child.stdout.on('data', (chunk: Buffer) => this.#data(chunk));
    void this.#process.lost.then((error) => this.#end(error));
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
  }

  get writable(): boolean {
    return this.#ended === undefined && this.#options.child.stdin.writable;
  }

  get firstWritten(): number | undefined {
    return this.#firstWritten;
  }

  get lastWritten(): number | undefined {
    return this.#lastWritten;
  }

  /** Characters on their way to the child that it has not read, nor the operating system taken. */
  get unreadLength(): number {
    return this.#options.child.stdin.writableLength + this.#writer.waitingLength;
  }

  /** Writes a message; `request` is its id if it asks for an answer to one of our calls. */
  write(message: string, request?: number): void {
    this.#note(request);
    this.#writer.write(message);
  }

  /** Sends what is no request of a call: what the SDK's client says, answers to what the server asks, notifications. */
  async send(message: object): Promise<void> {
    if (!this.writable) throw new Error('the MCP server has ended');
    const line = `${JSON.stringify(message)}\n`;
    const bytes = Buffer.byteLength(line);
    this.#note(undefined);
    this.#unreadAnswerBytes += bytes;
    this.#writer.flush();
    this.#options.child.stdin.write(line, () => {
      this.#unreadAnswerBytes -= bytes;
    });
    if (this.#unreadAnswerBytes <= this.#options.maxMessageBytes) return;
    this.endWithProtocolError(
      `asks more than it reads the answers to: ${this.#unreadAnswerBytes} bytes of them are waiting (limit ${this.#options.maxMessageBytes})`,
    );
  }

  close(): Promise<void> {
    return this.#end(undefined);
  }

  #end(error: GatechartError | undefined): Promise<void> {
    if (this.#ended === undefined) {
      this.#reader.close();
      this.#ended = this.#process.end();
      this.#options.onEnded(error);
      this.onclose?.();
    }
    return this.#ended;
  }

  #note(request: number | undefined): void {
    this.#lastWritten = request;
    if (request === undefined || this.#firstWritten === undefined) this.#firstWritten = request;
  }

  #data(chunk: Buffer): void {
    if (this.#ended === undefined) this.#reader.push(chunk);
  }

  #message(message: WireMessage): void {
    if (this.#ended !== undefined || this.#options.onMessage(message)) return;
    if (isBadInitializeAnswer(message)) return this.endWithProtocolError(badInitializeAnswer);
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  /** Ends it because the server does not keep to the protocol. */
  endWithProtocolError(what: string): void {
    const { target, name } = this.#options;
    const message = `${name}: the MCP server (${target}) ${what}.`;
    this.#end(new GatechartError('PROTOCOL_ERROR', message, { details: { connection: name } })).catch(
      (error: unknown) =>
        this.#options.logger.error({ connection: name, error: messageOf(error) }, 'ending the MCP server'),
    );
  }
}
