import type { ServerResponse } from 'node:http';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { type Refusal, refusals } from './http-answers.js';

const keepAlive = ': keepalive\n\n';

/**
 * One session of Streamable HTTP: a stream per request, and one for what the server says unasked. Written on node:http
 * because the SDK's own transport goes through web streams, which made a call three times as expensive.
 */
export class HttpSession implements Transport {
  readonly sessionId: string;
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onmessage?: Transport['onmessage'];
  /** When the session was last heard of, on the server's clock. */
  lastUsed: number;
  readonly #now: () => number;
  readonly #waiting = new Map<RequestId, ServerResponse>();
  #stream: ServerResponse | undefined;

  constructor(sessionId: string, now: () => number) {
    this.sessionId = sessionId;
    this.#now = now;
    this.lastUsed = now();
  }

  /** True while a client waits for something: such a session is never ended for being idle. */
  get busy(): boolean {
    return this.#waiting.size > 0 || this.#stream !== undefined;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes one message; the response is answered now or when the request is. */
  receive(message: JSONRPCMessage, response: ServerResponse): Refusal | undefined {
    this.lastUsed = this.#now();
    if (isJSONRPCRequest(message)) {
      const { id } = message;
      if (this.#waiting.has(id)) return refusals.idInUse;
      this.#waiting.set(id, response);
      response.once('close', () => this.#forget(id, response));
      this.onmessage?.(message);
      return undefined;
    }
    this.onmessage?.(message);
    if ('method' in message && message.method === 'notifications/cancelled') this.#endCancelled(message.params);
    response.writeHead(202, {
      'content-type': 'application/json',
      'mcp-session-id': this.sessionId,
      'content-length': 0,
    });
    response.end();
    return undefined;
  }

  /** Opens the stream for what the server says unasked. */
  openStream(response: ServerResponse): Refusal | undefined {
    if (this.#stream !== undefined) return refusals.streamTaken;
    this.lastUsed = this.#now();
    this.#stream = response;
    response.once('close', () => {
      if (this.#stream === response) this.#stream = undefined;
      this.lastUsed = this.#now();
    });
    response.writeHead(200, this.#streamHeaders());
    response.flushHeaders();
    return undefined;
  }

  send(message: JSONRPCMessage): Promise<void> {
    const event = `event: message\ndata: ${JSON.stringify(message)}\n\n`;
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const response = message.id === undefined ? undefined : this.#waiting.get(message.id);
      // The client has gone away, or was answered already: nobody is there to tell.
      if (response === undefined) return Promise.resolve();
      if (!response.headersSent) {
        response.writeHead(200, { ...this.#streamHeaders(), 'content-length': Buffer.byteLength(event) });
      }
      response.end(event);
    } else {
      this.#stream?.write(event);
    }
    return Promise.resolve();
  }

  /** Tells everyone who waits that we are still there, so that nothing in between cuts a quiet stream. */
  keepAlive(): void {
    for (const response of this.#waiting.values()) {
      if (!response.headersSent) response.writeHead(200, this.#streamHeaders());
      response.write(keepAlive);
    }
    this.#stream?.write(keepAlive);
  }

  /** Ends every stream of the session, answered or not. */
  close(): Promise<void> {
    for (const response of this.#waiting.values()) this.#endUnanswered(response);
    this.#waiting.clear();
    this.#stream?.end();
    this.#stream = undefined;
    this.onclose?.();
    return Promise.resolve();
  }

  #forget(id: RequestId, response: ServerResponse): void {
    if (this.#waiting.get(id) === response) this.#waiting.delete(id);
    this.lastUsed = this.#now();
  }

  // A cancelled request is never answered, so its stream ends here.
  #endCancelled(params: Readonly<Record<string, unknown>> | undefined): void {
    const id = params?.['requestId'];
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const response = this.#waiting.get(id);
    if (response !== undefined) this.#endUnanswered(response);
  }

  #endUnanswered(response: ServerResponse): void {
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
