import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { HttpRefusal } from './http-exchange.js';

/** How a response is answered, whatever wraps it later: that goes on through us, and may have ended already. */
export type SentAnswer = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>;

export function sentAnswer(response: ServerResponse): SentAnswer {
  return {
    writeHead: response.writeHead.bind(response),
    write: response.write.bind(response),
    end: response.end.bind(response),
    flushHeaders: response.flushHeaders.bind(response),
  };
}

/** Nothing of what the handler said is left: it may be what was refused. */
export function refuseAnswer(
  response: ServerResponse,
  { writeHead, end }: SentAnswer,
  { status, headers, body }: HttpRefusal,
): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusMessage = STATUS_CODES[status] ?? '';
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('content-length', Buffer.byteLength(body));
  writeHead(status);
  end(body);
}
