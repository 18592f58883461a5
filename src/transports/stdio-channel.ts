import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { GatechartError, messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import {
  isAnswer,
  isSdkMessage,
  isBadInitializeAnswer,
  isWireMessage,
  badInitializeAnswer,
  type WireMessage,
} from './json-rpc.js';
import { LineSplitter } from './line-splitter.js';
import type { ProcessGroup } from './process-group.js';
import { StderrLog } from './stderr-log.js';

/** Lines in a row that are no message before a server counts as not speaking the protocol. */
const strayLinesAllowed = 100;
const longestShown = 200;

export interface StdioChannelOptions {
  readonly child: ChildProcessWithoutNullStreams;
  readonly group: ProcessGroup;
  readonly name: string;
  readonly target: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  readonly terminateGraceMs: number;
  /** Milliseconds a server has to leave by itself once its standard input ended. */
  readonly leaveMs: number;
  /** Hears every answer first; false hands it to the SDK's client. */
  readonly onAnswer: (message: WireMessage) => boolean;
  /** Called once, as soon as no more messages can be exchanged. `error` is absent when we closed it. */
  readonly onEnded: (error: GatechartError | undefined) => void;
}

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
  readonly #splitter: LineSplitter;
  readonly #exited: Promise<void>;
  /** Everything the child wrote has been read. */
  readonly #drained: Promise<void>;
  #strayLines = 0;
  /** Of what the SDK's client sends, most of all answers to what the server asks, such as pings. */
  #unreadAnswerBytes = 0;
  #ended: Promise<void> | undefined;

  constructor(options: StdioChannelOptions) {
    this.#options = options;
    this.#stderr = new StderrLog(options);
    this.#splitter = new LineSplitter(options.maxMessageBytes, (line) => this.#line(line));
    const { child } = options;
    child.stdout.on('data', (chunk: Buffer) => this.#data(chunk));
    child.stdout.once('end', () => void this.#stdoutEnded());
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A write to a child that has gone: its exit says more than EPIPE does.
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream.on('error', (error) =>
        options.logger.debug({ connection: options.name, error: error.message }, 'pipe of plugin server'),
      );
    }
    child.on('error', (error) =>
      options.logger.warn({ connection: options.name, error: error.message }, 'plugin server'),
    );
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#drained = new Promise((resolve) => child.once('close', () => resolve()));
    void this.#exited.then(() => this.#childExited());
  }

  async start(): Promise<void> {}

  get writable(): boolean {
    return this.#ended === undefined && this.#options.child.stdin.writable;
  }

  /** Bytes that the child has not read yet. */
  get unreadBytes(): number {
    return this.#options.child.stdin.writableLength;
  }

  write(message: object): void {
    this.#options.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!this.writable) throw new Error('the plugin server has ended');
    const line = `${JSON.stringify(message)}\n`;
    const bytes = Buffer.byteLength(line);
    this.#unreadAnswerBytes += bytes;
    this.#options.child.stdin.write(line, () => {
      this.#unreadAnswerBytes -= bytes;
    });
    if (this.#unreadAnswerBytes <= this.#options.maxMessageBytes) return;
    this.#breach(
      `asks more than it reads the answers to: ${this.#unreadAnswerBytes} bytes of them are waiting (limit ${this.#options.maxMessageBytes})`,
    );
  }

  close(): Promise<void> {
    return this.#end(undefined);
  }

  #end(error: GatechartError | undefined): Promise<void> {
    if (this.#ended === undefined) {
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

  #data(chunk: Buffer): void {
    if (this.#ended !== undefined) return;
    if (this.#splitter.push(chunk)) return;
    this.#breach(
      `sent a line of more than ${this.#options.maxMessageBytes} bytes; expected one JSON-RPC message a line`,
    );
  }

  #line(line: string): void {
    if (this.#ended !== undefined || line === '') return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      return this.#stray(line);
    }
    if (isWireMessage(parsed)) this.#message(parsed);
    else if (Array.isArray(parsed) && parsed.length > 0 && parsed.every(isWireMessage)) {
      for (const message of parsed) this.#message(message);
    } else this.#stray(line);
  }

  #message(message: WireMessage): void {
    this.#strayLines = 0;
    if (isAnswer(message) && this.#options.onAnswer(message)) return;
    if (isBadInitializeAnswer(message)) return this.#breach(badInitializeAnswer);
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  /** Servers print to standard output by mistake, a banner or a warning; that alone is no reason to drop them. */
  #stray(line: string): void {
    const { logger, name } = this.#options;
    const shown = line.length > longestShown ? `${line.slice(0, longestShown)}…` : line;
    if (++this.#strayLines > strayLinesAllowed) {
      this.#breach(
        `sent ${this.#strayLines} lines in a row that are no JSON-RPC messages, the last one: ${shown}. ` +
          'Its standard output belongs to the protocol; let it log to standard error',
      );
      return;
    }
    const fields = { connection: name, line: shown };
    const said = 'plugin server wrote a line to stdout that is no JSON-RPC message; ignored';
    if (this.#strayLines === 1) logger.warn(fields, said);
    else logger.debug(fields, said);
  }

  #breach(what: string): void {
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
