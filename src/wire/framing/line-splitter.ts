import { GrowingBuffer } from './growing-buffer.js';

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = 0xfeff;

/** Reads a line that is too long to be held: its pieces as they come, the first of them what was held. */
export interface LongLine {
  push(piece: Buffer): void;
  end(): void;
}

/**
 * Cuts a byte stream into lines, each decoded as UTF-8 without its line end and without a byte order mark in front. Bytes
 * are copied only for lines that arrive in several pieces, and each byte is looked at once, however small the pieces are.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #onLine: (line: string) => void;
  readonly #onLongLine: (() => LongLine) | undefined;
  readonly #held = new GrowingBuffer();
  #long: LongLine | undefined;

  /** @param onLongLine gives what reads a line that is longer than the limit; without it, `push` gives up on such lines */
  constructor(maxLineBytes: number, onLine: (line: string) => void, onLongLine?: () => LongLine) {
    this.#maxLineBytes = maxLineBytes;
    this.#onLine = onLine;
    this.#onLongLine = onLongLine;
  }

  /** Bytes held of a line whose end has not come. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Returns false, with everything held forgotten, when a line is longer than the limit and nobody reads such lines. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const isWhole = this.#long === undefined && this.#held.length === 0;
      if (isWhole && chunk.length - start <= this.#maxLineBytes) {
        // None of its lines can be too long. To decode them at once takes a tenth of what is done with a line of 300 bytes.
        const last = chunk.lastIndexOf(newline) + 1;
        this.#emitAll(chunk.toString('utf8', start, last));
        start = last;
        break;
      }
      if (isWhole && end - start <= this.#maxLineBytes) this.#emitAll(chunk.toString('utf8', start, end + 1));
      else {
        if (!this.#hold(chunk.subarray(start, end))) return false;
        this.flush();
      }
      start = end + 1;
    }
    return start === chunk.length || this.#hold(start === 0 ? chunk : chunk.subarray(start));
  }

  /** Hands out what is held of an unfinished line: for streams whose last line needs no line end. */
  flush(): void {
    if (this.#long !== undefined) {
      const long = this.#long;
      this.#long = undefined;
      long.end();
    } else if (this.#held.length > 0) {
      this.#emit(this.#held.take().toString(), 0);
    }
  }

  #hold(piece: Buffer): boolean {
    if (this.#long === undefined && this.#held.length + piece.length > this.#maxLineBytes) {
      const held = this.#held.take();
      this.#long = this.#onLongLine?.();
      if (this.#long === undefined) return false;
      this.#long.push(held);
    }
    if (this.#long === undefined) this.#held.append(piece);
    else this.#long.push(piece);
    return true;
  }

  /** Hands out the lines of a text that ends with a line. */
  #emitAll(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#emit(text, start, end);
      start = end + 1;
    }
  }

  #emit(text: string, start: number, end = text.length): void {
    const from = text.charCodeAt(start) === byteOrderMark ? start + 1 : start;
    this.#onLine(text.slice(from, end > from && text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end));
  }
}
