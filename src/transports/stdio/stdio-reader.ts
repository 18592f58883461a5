import { excerpt } from '../../json/excerpt.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock, TimerHandle } from '../../time/clock.js';
import { isWireMessage, type WireMessage } from '../mcp/json-rpc.js';
import { LineSplitter, type LongLine } from '../../wire/framing/line-splitter.js';
import { type MessageOutline, MessageScanner } from '../../wire/framing/message-scanner.js';

/** Lines in a row that are no message before a server counts as not speaking the protocol. */
const strayLinesAllowed = 100;
const longestShown = 200;

/** A line has no end when it is this many times as long as a message may be. */
const endlessFactor = 16;

export interface StdioReaderDependencies {
  readonly name: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  /** Milliseconds in which a line has to end that is longer than a message may be. */
  readonly longLineMs: number;
  readonly onMessage: (message: WireMessage) => void;
  /** A message of more than `maxMessageBytes`, which was read past. */
  readonly onLongMessage: (outline: MessageOutline) => void;
  /** A message that is not quite JSON; `shown` is its beginning. */
  readonly onBrokenMessage: (outline: MessageOutline, shown: string) => void;
  /** The server does not speak the protocol. */
  readonly onProtocolError: (what: string) => void;
}

/** Reads what a server writes to its standard output: a message a line, and what else servers print there by mistake. */
export class StdioReader {
  readonly #dependencies: StdioReaderDependencies;
  readonly #splitter: LineSplitter;
  #strayLines = 0;
  /** Runs while a line is read past: nothing else can be heard until it ends. */
  #longLineTimer: TimerHandle | undefined;

  constructor(dependencies: StdioReaderDependencies) {
    this.#dependencies = dependencies;
    this.#splitter = new LineSplitter(
      dependencies.maxMessageBytes,
      (line) => this.#line(line),
      () => this.#longLine(),
    );
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  /** Nothing more will be read. */
  close(): void {
    this.#dependencies.clock.clearTimeout(this.#longLineTimer);
  }

  #line(line: string): void {
    if (line === '') return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      return this.#broken(line);
    }
    if (isWireMessage(parsed)) this.#message(parsed);
    else if (Array.isArray(parsed) && parsed.length > 0 && parsed.every(isWireMessage)) {
      for (const message of parsed) this.#message(message);
    } else this.#stray(line);
  }

  #message(message: WireMessage): void {
    this.#strayLines = 0;
    this.#dependencies.onMessage(message);
  }

  /** Some servers write numbers that JSON does not have, as `NaN`, or only half of an answer. */
  #broken(line: string): void {
    const outlines: MessageOutline[] = [];
    const scanner = new MessageScanner((outline) => outlines.push(outline));
    if (/^\s*[[{]/.test(line)) scanner.push(Buffer.from(line));
    scanner.end();
    const messages = outlines.filter(({ hasVersion }) => hasVersion);
    if (messages.length === 0) return this.#stray(line);
    this.#strayLines = 0;
    for (const outline of messages) this.#dependencies.onBrokenMessage(outline, excerpt(line, longestShown));
  }

  #longLine(): LongLine {
    const { clock, longLineMs, maxMessageBytes, onProtocolError, onLongMessage } = this.#dependencies;
    const mostBytes = endlessFactor * maxMessageBytes;
    this.#longLineTimer = clock.setTimeout(() => {
      onProtocolError(`sent more than ${maxMessageBytes} bytes of a line and not its end for ${longLineMs} ms`);
    }, longLineMs);
    let bytes = 0;
    let messages = 0;
    let start = '';
    const scanner = new MessageScanner((outline) => {
      if (!outline.hasVersion) return;
      messages++;
      this.#strayLines = 0;
      onLongMessage(outline);
    });
    return {
      push: (piece) => {
        if (bytes <= mostBytes && bytes + piece.length > mostBytes)
          onProtocolError(`sent a line of more than ${mostBytes} bytes; expected one JSON-RPC message a line`);
        bytes += piece.length;
        if (start.length < longestShown) start += piece.toString('utf8', 0, longestShown);
        if (bytes <= mostBytes) scanner.push(piece);
      },
      end: () => {
        clock.clearTimeout(this.#longLineTimer);
        scanner.end();
        if (messages === 0) this.#stray(`${excerpt(start, longestShown)} (${bytes} bytes)`);
      },
    };
  }

  /** Servers print to standard output by mistake, a banner or a warning; that alone is no reason to drop them. */
  #stray(line: string): void {
    const { logger, name, onProtocolError } = this.#dependencies;
    const shown = excerpt(line, longestShown);
    if (++this.#strayLines > strayLinesAllowed) {
      return onProtocolError(
        `sent ${this.#strayLines} lines in a row that are no JSON-RPC messages, the last one: ${shown}. ` +
          'Its standard output belongs to the protocol; let it log to standard error',
      );
    }
    const fields = { connection: name, line: shown };
    const said = 'MCP server wrote a line to stdout that is no JSON-RPC message; ignored';
    if (this.#strayLines === 1) logger.warn(fields, said);
    else logger.debug(fields, said);
  }
}
