import type { ServerResponse } from 'node:http';
import type { JSONRPCMessage, JSONRPCResponse } from '@modelcontextprotocol/sdk/types.js';
import { writeMessage } from '../mcp/answer-size.js';
import { maxUnreadBytes } from '../mcp/running-call.js';
import type { HttpExchange } from './http-exchange.js';

const keepAlive = ': keepalive\n\n';

/** An answer that is a stream of events: what is said to one request, or what the server says unasked. */
export class EventAnswer {
  readonly exchange: HttpExchange;
  readonly #sessionId: string;

  constructor(exchange: HttpExchange, sessionId: string) {
    this.exchange = exchange;
    this.#sessionId = sessionId;
  }

  /** Whether its client reads what it is sent. */
  get isRead(): boolean {
    return this.#response.writableLength <= maxUnreadBytes;
  }

  get #response(): ServerResponse {
    return this.exchange.response;
  }

  open(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, this.#headers());
  }

  send(message: JSONRPCMessage): void {
    const event = eventOf(message);
    this.open();
    this.#response.write(event);
  }

  /** Tells that we are still there, so that nothing in between cuts a quiet stream. */
  keepAlive(): void {
    this.open();
    if (!this.#response.writableNeedDrain) this.#response.write(keepAlive);
  }

  /** Ends with the answer that was waited for. @returns its bytes */
  answer(message: JSONRPCResponse): number {
    const event = eventOf(message);
    const bytes = Buffer.byteLength(event);
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { ...this.#headers(), 'content-length': bytes });
    }
    this.#response.end(event);
    return bytes;
  }

  /** Ends the stream without an answer. */
  end(): void {
    this.open();
    this.#response.end();
  }

  #headers(): Record<string, string> {
    return {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'mcp-session-id': this.#sessionId,
      'x-accel-buffering': 'no',
    };
  }
}

function eventOf(message: JSONRPCMessage): string {
  return `event: message\ndata: ${writeMessage(message)}\n\n`;
}
