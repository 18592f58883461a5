import type { ServerResponse } from 'node:http';

/** With every answer, whatever it is. */
const securityHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** What is no page loads nothing and is shown nowhere. */
const policyOfData = "default-src 'none'; frame-ancestors 'none'";

/** What one request is answered with. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The head of every answer. */
export function headersOf(type: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...securityHeaders, 'Content-Security-Policy': policyOfData, 'Content-Type': type, ...more };
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** What was wrong with a request, in a sentence. */
export function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...jsonAnswer({ error }, status), headers };
}

export function send(response: ServerResponse, { status, type, body, headers }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, headersOf(type, { ...headers, 'Content-Length': `${bytes.length}` }));
  response.end(bytes);
}

/** To who has no business here: nothing but the status. */
export function turnAway(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...securityHeaders, 'Content-Length': '0', Connection: 'close' });
  response.end();
}
