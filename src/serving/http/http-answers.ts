import type { ServerResponse } from 'node:http';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import { busyCode } from '../server-load.js';

/** Refuses a request in the words and with the status codes of ContextForge, which clients react to. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** JSON-RPC error code; without one the message goes out as plain text. */
  readonly rpcCode?: number;
  readonly rpcData?: unknown;
  /** Of the request that is refused, where it was read. */
  readonly id?: RequestId | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const invalidRequest = -32600;

export const refusals = {
  notFound: { status: 404, message: 'Not Found' },
  originRefused: { status: 403, message: 'Invalid Origin header' },
  notJson: { status: 400, message: 'Invalid Content-Type header' },
  methodRefused: {
    status: 405,
    message: 'Method Not Allowed',
    rpcCode: invalidRequest,
    headers: { allow: 'GET, POST, DELETE' },
  },
  notAcceptable: {
    status: 406,
    message: 'Not Acceptable: Client must accept both application/json and text/event-stream',
    rpcCode: invalidRequest,
  },
  streamNotAcceptable: {
    status: 406,
    message: 'Not Acceptable: Client must accept text/event-stream',
    rpcCode: invalidRequest,
  },
  noSession: { status: 400, message: 'Bad Request: Missing session ID', rpcCode: invalidRequest },
  sessionUnknown: { status: 404, message: 'Session not found', rpcCode: invalidRequest },
  versionUnknown: {
    status: 400,
    message: 'Bad Request: unsupported MCP-Protocol-Version',
    rpcCode: invalidRequest,
  },
  notParsable: { status: 400, message: 'Parse error: the body is not JSON', rpcCode: -32700 },
  notText: { status: 400, message: 'Parse error: the body is not UTF-8', rpcCode: -32700 },
  notRpc: { status: 400, message: 'Validation error: the body is not one JSON-RPC 2.0 message', rpcCode: -32602 },
  eventUnknown: {
    status: 400,
    message: 'Bad Request: unknown Last-Event-ID: what came after it is not kept',
    rpcCode: invalidRequest,
  },
  idInUse: { status: 400, message: 'Bad Request: a request with this id is still running', rpcCode: invalidRequest },
  tooManySessions: {
    status: 503,
    message: 'Too many sessions with running calls',
    rpcCode: busyCode,
    headers: { 'retry-after': '1' },
  },
  notListening: { status: 503, message: 'The server is starting', headers: { 'retry-after': '1' } },
  shuttingDown: {
    status: 503,
    message: 'The server is shutting down',
    rpcCode: invalidRequest,
    headers: { connection: 'close' },
  },
} as const satisfies Readonly<Record<string, Refusal>>;

/** `status` says who is at the limit: 429 this client, 503 all together. */
export function busy(status: 429 | 503, message: string): Refusal {
  return { status, message, rpcCode: busyCode, headers: { 'retry-after': '1' } };
}

/** Status 413, as a JSON-RPC error: the request alone fails. */
export function bodyTooLarge(maxBytes: number): Refusal {
  return { status: 413, message: `The body is larger than ${maxBytes} bytes`, rpcCode: invalidRequest };
}

/** `sessionId` is named where the refusal concerns a session that exists. */
export function refuse(response: ServerResponse, refusal: Refusal, sessionId?: string): void {
  const { rpcCode: code, rpcData: data, message, id = null } = refusal;
  const body =
    code === undefined
      ? message
      : JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } });
  response.writeHead(refusal.status, {
    'content-type': code === undefined ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    ...refusal.headers,
  });
  response.end(body);
}
