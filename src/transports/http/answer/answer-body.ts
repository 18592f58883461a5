import type { IncomingHttpHeaders } from 'node:http';
import { GrowingBuffer } from '../../../wire/framing/growing-buffer.js';
import { textOf } from '../../../wire/framing/utf8-text.js';

const longestErrorBody = 64 * 1024;

/** A response that is no event stream, as it comes. Of one with an error status the beginning is enough. */
export class AnswerBody {
  readonly kind = 'body';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly #mostBytes: number;
  readonly #kept = new GrowingBuffer();

  constructor(status: number, headers: IncomingHttpHeaders, maxMessageBytes: number) {
    this.status = status;
    this.headers = headers;
    this.#mostBytes = this.isError ? longestErrorBody : maxMessageBytes;
  }

  get isError(): boolean {
    return this.status >= 300;
  }

  /** False when it is longer than it may be, or than need be read. */
  push(chunk: Buffer): boolean {
    const fits = this.#kept.length + chunk.length <= this.#mostBytes;
    if (fits) this.#kept.append(chunk);
    else if (this.isError) this.#kept.append(chunk.subarray(0, this.#mostBytes - this.#kept.length));
    else this.#kept.clear();
    return fits;
  }

  /** Gives what has come, and keeps it no longer. */
  takeText(): string {
    return textOf(this.#kept.take());
  }
}
