import { byteOrderMark } from './utf8-text.js';
import { GrowingBuffer } from './growing-buffer.js';

const newline = 0x0a;
const carriageReturn = 0x0d;

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
      if (this.#long === undefined && this.#held.length === 0 && end - start <= this.#maxLineBytes)
        this.#emit(chunk, start, end);
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
      const line = this.#held.take();
      this.#emit(line, 0, line.length);
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

  #emit(buffer: Buffer, start: number, end: number): void {
    const isMarked =
      buffer[start] === byteOrderMark[0] &&
      end - start >= byteOrderMark.length &&
      buffer.compare(byteOrderMark, 0, byteOrderMark.length, start, start + byteOrderMark.length) === 0;
    const from = isMarked ? start + byteOrderMark.length : start;
    this.#onLine(buffer.toString('utf8', from, buffer[end - 1] === carriageReturn && end > from ? end - 1 : end));
  }
}
