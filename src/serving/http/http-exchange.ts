import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Full, Share } from '../fair-share.js';
import type { McpIdentity } from '../mcp/mcp-service.js';
import type { HttpResponse } from './http-response.js';
import { readableHeaders } from './request-headers.js';

/** One request and its answer, until the answer is handed over or the connection is gone. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: HttpResponse;
  #identity: McpIdentity | undefined;
  #headers: Readonly<Record<string, string>> | undefined;
  #whenOver: (() => void)[] | undefined = [];
  #heldBytes = 0;

  constructor(request: IncomingMessage, response: HttpResponse) {
    this.request = request;
    this.response = response;
  }

  /** Who sends the request; undefined where nobody has to prove it, and before somebody has. */
  get identity(): McpIdentity | undefined {
    return this.#identity;
  }

  /** Headers of the request as what is served sees them: names in lower case, no credentials among them. */
  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= readableHeaders(this.request);
    return this.#headers;
  }

  /** @param headers in place of those that came */
  admit(identity: McpIdentity | undefined, headers?: Readonly<Record<string, string>>): void {
    this.#identity = identity;
    this.#headers = headers;
  }

  /** Nobody can be answered any more. */
  get isOver(): boolean {
    return this.#whenOver === undefined;
  }

  whenOver(listener: () => void): void {
    if (this.#whenOver === undefined) listener();
    else this.#whenOver.push(listener);
  }

  /** Takes bytes that are given back when this is over, or says why they cannot be had. Always from the same share. */
  hold(share: Share, bytes: number): Full | undefined {
    const refusal = this.isOver ? 'ownLimit' : share.take(bytes);
    if (refusal !== undefined) return refusal;
    if (this.#heldBytes === 0) this.whenOver(() => share.give(this.#heldBytes));
    this.#heldBytes += bytes;
    return undefined;
  }

  end(): void {
    const listeners = this.#whenOver ?? [];
    this.#whenOver = undefined;
    for (const listener of listeners) listener();
  }
}

/**
 * The exchanges of a server. Node tells of a response that its connection is gone only while it is the first in line: those
 * that wait behind another one on the same connection would never be over.
 */
export class HttpExchanges {
  readonly #ofSocket = new Map<Socket, Set<HttpExchange>>();

  open(request: IncomingMessage, response: HttpResponse): HttpExchange {
    const exchange = new HttpExchange(request, response);
    const { socket } = request;
    const all = this.#ofSocket.get(socket) ?? this.#watch(socket);
    all.add(exchange);
    response.once('close', () => {
      all.delete(exchange);
      exchange.end();
    });
    return exchange;
  }

  #watch(socket: Socket): Set<HttpExchange> {
    const all = new Set<HttpExchange>();
    this.#ofSocket.set(socket, all);
    socket.once('close', () => {
      this.#ofSocket.delete(socket);
      for (const exchange of all) exchange.end();
    });
    return all;
  }
}
