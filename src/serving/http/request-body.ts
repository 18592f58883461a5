import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { GrowingBuffer } from '../../wire/framing/growing-buffer.js';
import type { Full } from '../fair-share.js';
import { withoutByteOrderMark } from '../../wire/framing/utf8-text.js';

/**
 * A body as text. `tooLarge` and `busy` as soon as it is known, `notText` if it is not UTF-8, `gone` if the client left
 * before its end.
 */
export type RequestBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooLarge' | 'busy' | 'notText' | 'gone' };

export interface BodyLimits {
  /** Bytes a body may have. */
  readonly maxBytes: number;
  /** Asked before so many more bytes are held; says why not. */
  readonly hold: (bytes: number) => Full | undefined;
}

/** Bytes of a refused body that are read and thrown away, so that its connection can carry the answer and go on. */
const maxSkippedBytes = 64 * 1024 * 1024;

/** Reads a body. What comes of it after it was refused is thrown away, not kept. */
export function readBody(request: IncomingMessage, { maxBytes, hold }: BodyLimits): Promise<RequestBody> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) {
    skipBody(request);
    return Promise.resolve({ kind: 'tooLarge' });
  }
  return new Promise((resolve) => {
    const gathered = new GrowingBuffer();
    let whole: Buffer | undefined;
    const settle = (body: RequestBody): void => {
      request.off('data', take);
      resolve(body);
    };
    const refuse = (kind: 'tooLarge' | 'busy'): void => {
      gathered.take();
      settle({ kind });
      skipBody(request);
    };
    const take = (chunk: Buffer): void => {
      if (gathered.length + chunk.length > maxBytes) return refuse('tooLarge');
      if (hold(chunk.length) !== undefined) return refuse('busy');
      if (chunk.length === announced) whole = chunk;
      else gathered.append(chunk);
    };
    request.on('data', take);
    request.once('end', () => {
      const bytes = whole ?? gathered.take();
      settle(
        isUtf8(bytes) ? { kind: 'text', text: withoutByteOrderMark(bytes.toString('utf8')) } : { kind: 'notText' },
      );
    });
    request.once('error', () => settle({ kind: 'gone' }));
    request.once('close', () => settle({ kind: 'gone' }));
  });
}

/** Reads what is left of a body that nobody wants; a client that does not come to an end is cut off. */
export function skipBody(request: IncomingMessage): void {
  if (request.complete) return void request.resume();
  let skipped = 0;
  request.on('data', (chunk: Buffer) => {
    skipped += chunk.length;
    if (skipped > maxSkippedBytes) request.socket.destroy();
  });
}
