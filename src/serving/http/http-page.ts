import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Refusal, refuse } from './http-answers.js';

/** Something to read beside `/mcp`, with GET or HEAD. */
export interface HttpPage {
  /** `client`: for those whom `/mcp` would let in. `anybody`: must give nothing away. */
  readonly readers: 'anybody' | 'client';
  content(phase: 'serving' | 'draining'): PageContent | Promise<PageContent>;
}

export interface PageContent {
  readonly status: number;
  /** Its media type. */
  readonly type: string;
  readonly text: string;
}

/** `HEAD, GET` alone: whatever else is asked of a page is refused. */
export const pageMethodRefused: Refusal = {
  status: 405,
  message: 'Method Not Allowed',
  headers: { allow: 'HEAD, GET' },
};

export function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Answers with a page; node leaves its text out of an answer to HEAD. */
export function answerPage(response: ServerResponse, { status, type, text }: PageContent): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

const healthy = '{"status":"healthy"}';

/** `/health`, which says that the process answers, and nothing else. */
export function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  if (!isRead(request)) return refuse(response, pageMethodRefused);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': healthy.length });
  response.end(healthy);
}
