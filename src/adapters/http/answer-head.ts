import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

/** The headers that an answer has by now. */
export function headersOf(response: ServerResponse): Record<string, string> {
  const given = Object.entries(response.getHeaders()).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : `${value}`]));
}

/** What `writeHead` is told, as `setHeader` would have been. */
export function takeHead(response: ServerResponse, [status, ...rest]: readonly unknown[]): void {
  if (typeof status === 'number') response.statusCode = status;
  const [first, second] = rest;
  if (typeof first === 'string') response.statusMessage = first;
  const headers: unknown = typeof first === 'string' ? second : first;
  if (Array.isArray(headers)) {
    const pairs: unknown[][] = headers.every(Array.isArray) ? headers : pairsOf(headers);
    for (const [name] of pairs) response.removeHeader(String(name));
    for (const [name, value] of pairs) response.appendHeader(String(name), headerValue(value));
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) response.setHeader(name, headerValue(value));
  }
}

function pairsOf(list: readonly unknown[]): unknown[][] {
  return Array.from({ length: list.length / 2 }, (_, index) => list.slice(2 * index, 2 * index + 2));
}

function headerValue(value: unknown): Exclude<OutgoingHttpHeader, number> {
  return Array.isArray(value) ? value.map(String) : String(value);
}
