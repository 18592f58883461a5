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
  /** The first piece, which mostly is all there is. */
  #first: Buffer | undefined;
  /** The pieces, where there is more than one. */
  #kept: GrowingBuffer | undefined;

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
    const length = this.#kept?.length ?? this.#first?.length ?? 0;
    const fits = length + chunk.length <= this.#mostBytes;
    if (fits) this.#keep(chunk);
    else if (this.isError) this.#keep(chunk.subarray(0, this.#mostBytes - length));
    else this.#clear();
    return fits;
  }

  /** Gives what has come, and keeps it no longer. */
  takeText(): string {
    const text = textOf(this.#kept?.take() ?? this.#first ?? Buffer.alloc(0));
    this.#clear();
    return text;
  }

  #keep(chunk: Buffer): void {
    if (this.#first === undefined) {
      this.#first = chunk;
      return;
    }
    if (this.#kept === undefined) {
      this.#kept = new GrowingBuffer();
      this.#kept.append(this.#first);
    }
    this.#kept.append(chunk);
  }

  #clear(): void {
    this.#first = this.#kept = undefined;
  }
}
