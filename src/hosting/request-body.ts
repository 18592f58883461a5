import type { IncomingMessage } from 'node:http';

/** A body as text; `tooLarge` as soon as it is, `gone` if the client left before its end. */
export type RequestBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'gone' };

/** Reads a body of at most `limit` bytes. What comes after that is thrown away, not kept. */
export function readBody(request: IncomingMessage, limit: number): Promise<RequestBody> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve({ kind: 'tooLarge' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: RequestBody): void => {
      request.off('data', take);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle({ kind: 'tooLarge' });
      else chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => settle({ kind: 'text', text: Buffer.concat(chunks).toString('utf8') }));
    request.once('error', () => settle({ kind: 'gone' }));
    request.once('close', () => settle({ kind: 'gone' }));
  });
}
