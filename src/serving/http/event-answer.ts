import type { ServerResponse } from 'node:http';
import type { JSONRPCNotification, JSONRPCRequest, JSONRPCResponse } from '@modelcontextprotocol/sdk/types.js';
import { writeMessage } from '../mcp/answer-size.js';
import { maxUnreadBytes } from '../mcp/running-call.js';
import type { HttpExchange } from './http-exchange.js';

const keepAlive = ': keepalive\n\n';

/** An answer that is a stream of events: what is said to one request, or what the server says unasked. */
export class EventAnswer {
  /** Carries the stream. */
  exchange: HttpExchange;
  readonly #sessionId: string;
  /** `over`: it has ended, or its client is gone. */
  #phase: 'open' | 'over' = 'open';

  constructor(exchange: HttpExchange, sessionId: string) {
    this.exchange = exchange;
    this.#sessionId = sessionId;
  }

  /** Whether its client reads what it is sent. */
  get isRead(): boolean {
    return this.response.writableLength <= maxUnreadBytes;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  protected get response(): ServerResponse {
    return this.exchange.response;
  }

  /** Begins the stream, so that its client knows that it is there. */
  open(): void {
    this.writeHead();
  }

  /** Says something that is no answer; false if nobody hears it: whoever does not read gets the answer at least. */
  say(message: JSONRPCNotification | JSONRPCRequest): boolean {
    if (this.isOver || !this.isRead) return false;
    const event = eventOf(writeMessage(message));
    this.open();
    this.response.write(event);
    return true;
  }

  /** Tells that we are still there, so that nothing in between cuts a quiet stream. */
  keepAlive(): void {
    this.open();
    if (!this.response.writableNeedDrain) this.response.write(keepAlive);
  }

  /** Ends with the answer that was waited for. @returns bytes that wait to be read; none where nobody is there to read them */
  answer(message: JSONRPCResponse): number {
    if (this.isOver) return 0;
    this.#phase = 'over';
    const event = eventOf(writeMessage(message));
    const bytes = Buffer.byteLength(event);
    this.writeHead({ 'content-length': bytes });
    this.response.end(event);
    return bytes;
  }

  /** Ends the stream without an answer. */
  end(): void {
    if (this.isOver) return;
    this.#phase = 'over';
    this.writeHead();
    this.response.end();
  }

  /** Ends with events that are written already. */
  endWith(events: string): void {
    this.#phase = 'over';
    this.writeHead({ 'content-length': Buffer.byteLength(events) });
    this.response.end(events);
  }

  /** Its connection is gone. */
  lost(): void {
    this.#phase = 'over';
  }

  protected writeHead(more?: { readonly 'content-length': number }): void {
    if (this.response.headersSent) return;
    this.response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'mcp-session-id': this.#sessionId,
      'x-accel-buffering': 'no',
      ...more,
    });
  }
}

function eventOf(data: string): string {
  return `event: message\ndata: ${data}\n\n`;
}
