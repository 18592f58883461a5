import { createParser, type EventSourceParser } from 'eventsource-parser';
import { isWireMessage, type WireMessage } from './json-rpc.js';

export interface EventStreamOptions {
  readonly maxEventBytes: number;
  readonly onMessage: (message: WireMessage) => void;
  /** An event whose data is no JSON-RPC message. */
  readonly onStray: (data: string) => void;
}

const colonAndLineEnd = 2;
const shortestRetryMs = 100;
export const longestRetryMs = 30_000;

/** Server-sent events of an MCP answer or event stream, with a bound on what one event may hold. */
export class EventStream {
  /** Of the last event that had one: where the stream can be resumed. */
  lastEventId: string | undefined;
  /** What the server asks for, in milliseconds, within bounds: it is to set our pace, but not to make us busy or mute. */
  retryMs: number | undefined;
  readonly #options: EventStreamOptions;
  readonly #decoder = new TextDecoder();
  readonly #parser: EventSourceParser;
  /** Without comments: they keep a stream alive that says nothing else for weeks, but they end no event. */
  #bytesSinceEvent = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#parser = createParser({
      onEvent: ({ data, event, id }) => {
        this.#bytesSinceEvent = 0;
        if (id !== undefined) this.lastEventId = id;
        if (data !== '' && (event === undefined || event === 'message')) this.#data(data);
      },
      onComment: (comment) => {
        this.#bytesSinceEvent = Math.max(this.#bytesSinceEvent - Buffer.byteLength(comment) - colonAndLineEnd, 0);
      },
      onRetry: (retryMs) => {
        this.retryMs = Math.min(Math.max(retryMs, shortestRetryMs), longestRetryMs);
      },
    });
  }

  /** False when an event has grown beyond its bound. */
  push(chunk: Buffer): boolean {
    this.#bytesSinceEvent += chunk.length;
    this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
    if (this.#bytesSinceEvent <= this.#options.maxEventBytes) return true;
    this.#parser.reset();
    return false;
  }

  #data(data: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(data);
    } catch {
      return this.#options.onStray(data);
    }
    if (isWireMessage(parsed)) this.#options.onMessage(parsed);
    else if (Array.isArray(parsed) && parsed.every(isWireMessage))
      parsed.forEach((one) => this.#options.onMessage(one));
    else this.#options.onStray(data);
  }
}
