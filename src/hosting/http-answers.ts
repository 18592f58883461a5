import type { ServerResponse } from 'node:http';

/** Refuses a request in the words and with the status codes of the reference, which clients react to. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** JSON-RPC error code; without one the message goes out as plain text. */
  readonly rpcCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const invalidRequest = -32600;

export const refusals = {
  notFound: { status: 404, message: 'Not Found' },
  hostRefused: { status: 421, message: 'Invalid Host header' },
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
  streamTaken: {
    status: 409,
    message: 'Conflict: Only one SSE stream is allowed per session',
    rpcCode: invalidRequest,
  },
  notParsable: { status: 400, message: 'Parse error: the body is not JSON', rpcCode: -32700 },
  notRpc: { status: 400, message: 'Validation error: the body is not one JSON-RPC 2.0 message', rpcCode: -32602 },
  idInUse: { status: 400, message: 'Bad Request: a request with this id is still running', rpcCode: invalidRequest },
  tooManySessions: {
    status: 503,
    message: 'Too many sessions with running calls',
    rpcCode: invalidRequest,
    headers: { 'retry-after': '1' },
  },
  shuttingDown: {
    status: 503,
    message: 'The server is shutting down',
    rpcCode: invalidRequest,
    headers: { connection: 'close' },
  },
} as const satisfies Readonly<Record<string, Refusal>>;

/** `sessionId` is named where the refusal concerns a session that exists. */
export function refuse(response: ServerResponse, refusal: Refusal, sessionId?: string): void {
  const body =
    refusal.rpcCode === undefined
      ? refusal.message
      : JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: refusal.rpcCode, message: refusal.message } });
  response.writeHead(refusal.status, {
    'content-type': refusal.rpcCode === undefined ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    ...refusal.headers,
  });
  response.end(body);
}
