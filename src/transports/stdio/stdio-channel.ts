import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { isSdkMessage, isBadInitializeAnswer, badInitializeAnswer, type WireMessage } from '../mcp/json-rpc.js';
import type { MessageOutline } from '../../wire/framing/message-scanner.js';
import type { ProcessGroup } from './process-group.js';
import { StderrLog } from './stderr-log.js';
import { StdioReader } from './stdio-reader.js';

export interface StdioChannelOptions {
  readonly child: ChildProcessWithoutNullStreams;
  readonly group: ProcessGroup;
  readonly name: string;
  readonly target: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  readonly longLineMs: number;
  readonly terminateGraceMs: number;
  /** Milliseconds a server has to leave by itself once its standard input ended. */
  readonly leaveMs: number;
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
export class StdioChannel implements SdkTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #options: StdioChannelOptions;
  readonly #stderr: StderrLog;
  readonly #reader: StdioReader;
  readonly #exited: Promise<void>;
  /** Everything the child wrote has been read. */
  readonly #drained: Promise<void>;
  /** Of the requests that were written since anything else was: the first and the last one. */
  #firstWritten: number | undefined;
  #lastWritten: number | undefined;
  /** Of what the SDK's client sends, most of all answers to what the server asks, such as pings. */
  #unreadAnswerBytes = 0;
  #ended: Promise<void> | undefined;

  constructor(options: StdioChannelOptions) {
    this.#options = options;
    this.#stderr = new StderrLog(options);
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
      onBreach: (what) => this.breach(what),
    });
    child.stdout.on('data', (chunk: Buffer) => this.#data(chunk));
    child.stdout.once('end', () => void this.#stdoutEnded());
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A write to a child that has gone: its exit says more than EPIPE does.
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream.on('error', (error) => logger.debug({ connection: name, error: error.message }, 'pipe of plugin server'));
    }
    child.on('error', (error) => logger.warn({ connection: name, error: error.message }, 'plugin server'));
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#drained = new Promise((resolve) => child.once('close', () => resolve()));
    void this.#exited.then(() => this.#childExited());
  }

  async start(): Promise<void> {}

  get writable(): boolean {
    return this.#ended === undefined && this.#options.child.stdin.writable;
  }

  get stdin(): Writable {
    return this.#options.child.stdin;
  }

  get firstWritten(): number | undefined {
    return this.#firstWritten;
  }

  get lastWritten(): number | undefined {
    return this.#lastWritten;
  }

  /** Writes a message; `request` is its id if it asks for an answer to one of our calls. */
  write(message: string, request?: number): void {
    this.#note(request);
    this.#options.child.stdin.write(`${message}\n`);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!this.writable) throw new Error('the plugin server has ended');
    const line = `${JSON.stringify(message)}\n`;
    const bytes = Buffer.byteLength(line);
    this.#note(undefined);
    this.#unreadAnswerBytes += bytes;
    this.#options.child.stdin.write(line, () => {
      this.#unreadAnswerBytes -= bytes;
    });
    if (this.#unreadAnswerBytes <= this.#options.maxMessageBytes) return;
    this.breach(
      `asks more than it reads the answers to: ${this.#unreadAnswerBytes} bytes of them are waiting (limit ${this.#options.maxMessageBytes})`,
    );
  }

  close(): Promise<void> {
    return this.#end(undefined);
  }

  #end(error: GatechartError | undefined): Promise<void> {
    if (this.#ended === undefined) {
      this.#reader.close();
      this.#ended = this.#endProcesses();
      this.#options.onEnded(error);
      this.onclose?.();
    }
    return this.#ended;
  }

  async #endProcesses(): Promise<void> {
    const { child, group, leaveMs, terminateGraceMs } = this.#options;
    child.stdin.end();
    await group.gone(leaveMs);
    await group.end(terminateGraceMs);
    if (!(await this.#within(afterKillMs, this.#exited))) {
      // A process that hangs in the kernel, or that runs as another user.
      this.#options.logger.warn(
        { connection: this.#options.name, pid: child.pid },
        'plugin server cannot be ended; it is left behind',
      );
      child.unref();
    }
    this.#stderr.end();
    // Whoever left the group may still hold the other end of a pipe; ours must not keep this process alive.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  }

  async #childExited(): Promise<void> {
    if (this.#ended !== undefined) return;
    // What it wrote last is still in the pipes: an answer, and the reason why it died.
    await this.#within(drainMs, this.#drained);
    const { child } = this.#options;
    this.#stderr.end();
    await this.#end(
      this.#lost(child.signalCode === null ? `exited with code ${child.exitCode}` : `was ended by ${child.signalCode}`),
    );
  }

  /** Nothing it says can be heard any more, even if it lives on. As a rule it is about to exit, which says more. */
  async #stdoutEnded(): Promise<void> {
    if (this.#ended !== undefined || (await this.#within(drainMs, this.#exited))) return;
    await this.#end(this.#lost('closed its standard output'));
  }

  /** Waits for something; false if it did not happen within `ms` milliseconds. */
  #within(ms: number, happened: Promise<void>): Promise<boolean> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => resolve(false), ms);
      void happened.then(() => {
        clock.clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #lost(how: string): GatechartError {
    const { child, target, name } = this.#options;
    const { tail } = this.#stderr;
    const said = tail.length === 0 ? 'It wrote nothing to stderr.' : `Last lines of its stderr:\n${tail.join('\n')}`;
    return new GatechartError('LINK_LOST', `${name}: the plugin server (${target}) ${how}. ${said}`, {
      details: { connection: name, exitCode: child.exitCode, signal: child.signalCode, stderr: tail },
    });
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
    if (isBadInitializeAnswer(message)) return this.breach(badInitializeAnswer);
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  /** Ends it because the server does not keep to the protocol. */
  breach(what: string): void {
    const { target, name } = this.#options;
    const message = `${name}: the plugin server (${target}) ${what}.`;
    this.#end(new GatechartError('PROTOCOL_ERROR', message, { details: { connection: name } })).catch(
      (error: unknown) =>
        this.#options.logger.error({ connection: name, error: messageOf(error) }, 'ending the plugin server'),
    );
  }
}

const drainMs = 200;
const afterKillMs = 1000;
