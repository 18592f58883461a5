import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { writeMessage } from '../mcp/answer-size.js';
import { busy, type Refusal, refusals } from './http-answers.js';
import type { HttpExchange } from './http-exchange.js';
import { badParameters, type Incoming } from '../mcp/incoming-message.js';
import type { ServerLoad, SessionLoad } from '../server-load.js';
import { SessionCalls, toolCallOf } from '../mcp/session-calls.js';
import type { ToolCalls } from '../../hosting/tool-calls.js';

const keepAlive = ': keepalive\n\n';

/** Bytes that a client may leave unread on the stream for what the server says unasked. */
const maxUnreadBytes = 1024 * 1024;

export interface HttpSessionParts {
  readonly tools: ToolCalls;
  readonly load: ServerLoad;
  /** Milliseconds on the server's clock. */
  readonly now: () => number;
}

/**
 * One session of Streamable HTTP: a stream per request, and one for what the server says unasked. Written on node:http
 * because the SDK's own transport goes through web streams, which made a call three times as expensive.
 */
export class HttpSession implements Transport {
  readonly sessionId: string;
  readonly load: SessionLoad;
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onmessage?: Transport['onmessage'];
  /** When the session was last heard of, on the server's clock. */
  lastUsed: number;
  /** Calls it was asked for, running ones and others. */
  callsTaken = 0;
  readonly #parts: HttpSessionParts;
  readonly #calls: SessionCalls;
  /** Requests that are not answered and whose clients are still there. */
  readonly #waiting = new Map<RequestId, HttpExchange>();
  #stream: HttpExchange | undefined;

  constructor(sessionId: string, parts: HttpSessionParts) {
    this.sessionId = sessionId;
    this.#parts = parts;
    this.load = parts.load.open();
    this.#calls = new SessionCalls(parts.tools, this.load.calls);
    this.lastUsed = parts.now();
  }

  /** What a client waits for: such a session is never ended for being idle. */
  get awaited(): 'answer' | 'stream' | 'nothing' {
    if (this.#waiting.size > 0) return 'answer';
    return this.#stream === undefined ? 'nothing' : 'stream';
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes one message; the exchange is answered now or when the request is. */
  receive(incoming: Incoming, exchange: HttpExchange): Refusal | undefined {
    this.lastUsed = this.#parts.now();
    if (incoming.kind === 'request') return this.#take(incoming.request, exchange);
    if (incoming.kind === 'notification' && incoming.method === 'notifications/cancelled') {
      this.#cancel(incoming.params['requestId']);
    }
    exchange.response.writeHead(202, {
      'content-type': 'application/json',
      'mcp-session-id': this.sessionId,
      'content-length': 0,
    });
    exchange.response.end();
    return undefined;
  }

  /** Opens the stream for what the server says unasked, in place of an earlier one: its client may be gone unnoticed. */
  openStream(exchange: HttpExchange): Refusal | undefined {
    this.lastUsed = this.#parts.now();
    this.#stream?.response.end();
    this.#stream = exchange;
    exchange.whenOver(() => {
      if (this.#stream === exchange) this.#stream = undefined;
      this.lastUsed = this.#parts.now();
    });
    exchange.response.writeHead(200, this.#streamHeaders());
    exchange.response.flushHeaders();
    return undefined;
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const exchange = message.id === undefined ? undefined : this.#waiting.get(message.id);
      // The client has gone away, or was answered already: nobody is there to tell.
      if (exchange !== undefined) this.#answer(exchange, message);
    } else if (this.#stream !== undefined) {
      const { response } = this.#stream;
      if (response.writableLength > maxUnreadBytes) response.destroy();
      else response.write(eventOf(message));
    }
    return Promise.resolve();
  }

  /** Tells everyone who waits that we are still there, so that nothing in between cuts a quiet stream. */
  keepAlive(): void {
    for (const { response } of this.#waiting.values()) {
      if (!response.headersSent) response.writeHead(200, this.#streamHeaders());
      if (!response.writableNeedDrain) response.write(keepAlive);
    }
    if (this.#stream?.response.writableNeedDrain === false) this.#stream.response.write(keepAlive);
  }

  /** Ends every stream of the session, answered or not. */
  close(): Promise<void> {
    for (const [id, exchange] of this.#waiting) this.#endUnanswered(id, exchange);
    this.#stream?.response.end();
    this.#stream = undefined;
    this.#calls.leave();
    this.onclose?.();
    return Promise.resolve();
  }

  #take(message: JSONRPCRequest, exchange: HttpExchange): Refusal | undefined {
    const { id } = message;
    if (this.#waiting.has(id)) return refusals.idInUse;
    if (message.method !== 'tools/call') {
      this.#await(id, exchange);
      this.onmessage?.(message);
      return undefined;
    }
    const call = toolCallOf(message);
    if (call === undefined) {
      this.#answer(exchange, badParameters(id));
      return undefined;
    }
    const full = this.#calls.start(call, {
      answer: (answer) => {
        if (this.#waiting.get(id) === exchange) this.#answer(exchange, answer);
      },
    });
    if (full !== undefined) return busy(full === 'ownLimit' ? 429 : 503, this.#parts.load.tooManyCalls(full));
    this.callsTaken++;
    this.#await(id, exchange);
    return undefined;
  }

  #await(id: RequestId, exchange: HttpExchange): void {
    this.#waiting.set(id, exchange);
    exchange.whenOver(() => this.#forget(id, exchange));
  }

  #answer(exchange: HttpExchange, message: JSONRPCResponse): void {
    const { response } = exchange;
    const event = eventOf(message);
    const bytes = Buffer.byteLength(event);
    if (message.id !== undefined) this.#forget(message.id, exchange);
    this.load.bytes.add(bytes);
    exchange.whenOver(() => this.load.bytes.give(bytes));
    if (!response.headersSent) response.writeHead(200, { ...this.#streamHeaders(), 'content-length': bytes });
    response.end(event);
  }

  /** An answered request must not be written to again, also while its answer waits to be read. */
  #forget(id: RequestId, exchange: HttpExchange): void {
    if (this.#waiting.get(id) === exchange) this.#waiting.delete(id);
    this.lastUsed = this.#parts.now();
  }

  // A cancelled request is never answered, so its stream ends here.
  #cancel(id: unknown): void {
    this.#calls.cancel(id);
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const exchange = this.#waiting.get(id);
    if (exchange !== undefined) this.#endUnanswered(id, exchange);
  }

  #endUnanswered(id: RequestId, exchange: HttpExchange): void {
    this.#forget(id, exchange);
    const { response } = exchange;
    if (!response.headersSent) response.writeHead(200, this.#streamHeaders());
    response.end();
  }

  #streamHeaders(): Record<string, string> {
    return {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'mcp-session-id': this.sessionId,
      'x-accel-buffering': 'no',
    };
  }
}

function eventOf(message: JSONRPCMessage): string {
  return `event: message\ndata: ${writeMessage(message)}\n\n`;
}
