import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import { GatheredBytes } from './gathered-bytes.js';
import { RequestIdScanner } from './request-id-scanner.js';

const newline = 0x0a;
const carriageReturn = 0x0d;

export interface RequestLinesParts {
  /** Bytes a line may have. */
  readonly maxBytes: number;
  /** Takes a line without its end; false if no further one can be taken now. The bytes are valid until it returns. */
  readonly onLine: (line: Buffer) => boolean;
  /** Told of a line that is too long, with its id if it is a request that has one. */
  readonly onTooLong: (id: RequestId | undefined) => void;
}

/** Cuts a byte stream into lines. One that is too long is read past, and what it was is told. */
export class RequestLines {
  readonly #parts: RequestLinesParts;
  readonly #held = new GatheredBytes();
  /** There while a line is read past. */
  #scanner: RequestIdScanner | undefined;

  constructor(parts: RequestLinesParts) {
    this.#parts = parts;
  }

  /** Gives the bytes of the chunk that were read: all of them, unless a line was taken and no further one can be. */
  push(chunk: Buffer): number {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end);
      start = end + 1;
      if (!this.#end(line)) return start;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return chunk.length;
  }

  /** The stream is over; its last line needs no line end. */
  end(): void {
    if (this.#scanner !== undefined || this.#held.length > 0) this.#end(Buffer.alloc(0));
  }

  #keep(piece: Buffer): void {
    if (this.#scanner === undefined && this.#held.length + piece.length > this.#parts.maxBytes) this.#readPast();
    if (this.#scanner === undefined) this.#held.add(piece);
    else this.#scanner.push(piece);
  }

  #readPast(): void {
    this.#scanner = new RequestIdScanner();
    this.#scanner.push(this.#held.take());
  }

  #end(last: Buffer): boolean {
    if (this.#held.length === 0 && this.#scanner === undefined && last.length <= this.#parts.maxBytes) {
      return this.#parts.onLine(withoutReturn(last));
    }
    this.#keep(last);
    if (this.#scanner === undefined) return this.#parts.onLine(withoutReturn(this.#held.take()));
    const { id } = this.#scanner;
    this.#scanner = undefined;
    this.#parts.onTooLong(id);
    return true;
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
