import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import { createHostGuard } from './host-guard.js';
import { type Refusal, refusals, refuse } from './http-answers.js';
import type { HttpSession } from './http-session.js';
import { readBody } from './request-body.js';
import type { SessionTable } from './session-table.js';

export interface HttpEndpointParts {
  readonly sessions: SessionTable;
  /** Host name or address the server is bound to; undefined on a Unix socket, which no web page can reach. */
  readonly boundHost: string | undefined;
  readonly maxBodyBytes: number;
  readonly logger: Logger;
}

/** Answers HTTP requests: `/mcp` and `/health`. */
export class HttpEndpoint {
  readonly #parts: HttpEndpointParts;
  readonly #guard: (headers: IncomingMessage['headers']) => Refusal | undefined;
  readonly #unanswered = new Set<ServerResponse>();
  #whenIdle: (() => void)[] = [];
  #phase: 'serving' | 'draining' = 'serving';

  constructor(parts: HttpEndpointParts) {
    this.#parts = parts;
    this.#guard = parts.boundHost === undefined ? () => undefined : createHostGuard(parts.boundHost);
  }

  /** From now on new requests are refused; those that run are answered. */
  drain(): void {
    this.#phase = 'draining';
  }

  /** Settles when every call is answered, and the answers are on their way. */
  idle(): Promise<void> {
    return this.#unanswered.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'POST') this.#track(response);
    this.#route(request, response).catch((error: unknown) => {
      this.#parts.logger.error({ error: messageOf(error) }, 'an HTTP request could not be answered');
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, message: 'Internal Server Error' });
    });
  }

  #track(response: ServerResponse): void {
    this.#unanswered.add(response);
    response.once('close', () => {
      this.#unanswered.delete(response);
      if (this.#unanswered.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === '/health') return answerHealth(request, response);
    const refusal = path === '/mcp' || path === '/mcp/' ? await this.#mcp(request, response) : refusals.notFound;
    if (refusal === undefined) return;
    // The body is not read, so the connection cannot carry another request before it has passed.
    if (!request.complete) response.setHeader('connection', 'close');
    refuse(response, refusal, this.#sessionOf(request)?.sessionId);
  }

  async #mcp(request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined> {
    const guarded = this.#guard(request.headers);
    if (guarded !== undefined) return guarded;
    if (this.#phase === 'draining') return refusals.shuttingDown;
    switch (request.method) {
      case 'POST':
        return this.#post(request, response);
      case 'GET':
        if (!accepts(request, 'text/event-stream')) return refusals.streamNotAcceptable;
        return this.#inSession(request, (session) => session.openStream(response));
      case 'DELETE':
        return this.#inSession(request, async (session) => {
          await this.#parts.sessions.end(session);
          response.writeHead(200, {
            'content-type': 'application/json',
            'mcp-session-id': session.sessionId,
            'content-length': 0,
          });
          response.end();
          return undefined;
        });
      default:
        return refusals.methodRefused;
    }
  }

  async #post(request: IncomingMessage, response: ServerResponse): Promise<Refusal | undefined> {
    if (!isJson(request)) return refusals.notJson;
    if (!accepts(request, 'application/json') || !accepts(request, 'text/event-stream')) return refusals.notAcceptable;
    const body = await readBody(request, this.#parts.maxBodyBytes);
    if (body.kind === 'gone') return undefined;
    if (body.kind === 'tooLarge')
      return { status: 413, message: `The body is larger than ${this.#parts.maxBodyBytes} bytes` };
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.text);
    } catch {
      return refusals.notParsable;
    }
    const message = JSONRPCMessageSchema.safeParse(parsed);
    if (!message.success) return refusals.notRpc;
    if (request.headers['mcp-session-id'] === undefined && isInitialize(message.data)) {
      const opened = await this.#parts.sessions.open();
      return opened === undefined ? refusals.tooManySessions : opened.receive(message.data, response);
    }
    return this.#inSession(request, (session) => session.receive(message.data, response));
  }

  async #inSession(
    request: IncomingMessage,
    act: (session: HttpSession) => Refusal | undefined | Promise<Refusal | undefined>,
  ): Promise<Refusal | undefined> {
    if (request.headers['mcp-session-id'] === undefined) return refusals.noSession;
    const session = this.#sessionOf(request);
    if (session === undefined) return refusals.sessionUnknown;
    const version = request.headers['mcp-protocol-version'];
    return version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(String(version))
      ? act(session)
      : refusals.versionUnknown;
  }

  #sessionOf(request: IncomingMessage): HttpSession | undefined {
    const id = request.headers['mcp-session-id'];
    return typeof id === 'string' ? this.#parts.sessions.get(id) : undefined;
  }
}

/** Answers `/health` and nothing else. */
export function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, { status: 405, message: 'Method Not Allowed', headers: { allow: 'HEAD, GET' } });
  }
  const body = '{"status":"healthy"}';
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function isInitialize(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'initialize';
}

function isJson(request: IncomingMessage): boolean {
  return mediaType(request.headers['content-type'] ?? '') === 'application/json';
}

function accepts(request: IncomingMessage, type: string): boolean {
  const wildcard = `${type.split('/', 1)[0]}/*`;
  return (request.headers.accept ?? '').split(',').some((part) => [type, wildcard, '*/*'].includes(mediaType(part)));
}

function mediaType(value: string): string {
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}
