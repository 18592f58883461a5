const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts a byte stream into lines, each decoded as UTF-8 without its line end. Bytes are copied only for lines that
 * arrive in several pieces, and each byte is looked at once, however small the pieces are.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #onLine: (line: string) => void;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  constructor(maxLineBytes: number, onLine: (line: string) => void) {
    this.#maxLineBytes = maxLineBytes;
    this.#onLine = onLine;
  }

  /** Bytes held of a line whose end has not come. */
  get heldBytes(): number {
    return this.#pieceBytes;
  }

  /** Returns false, with everything held forgotten, when a line is longer than the limit. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      if (this.#pieceBytes + end - start > this.#maxLineBytes) return this.#overflow();
      if (this.#pieceBytes === 0) this.#emit(chunk, start, end);
      else this.#emitHeld(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start === chunk.length) return true;
    const rest = start === 0 ? chunk : chunk.subarray(start);
    if (this.#pieceBytes + rest.length > this.#maxLineBytes) return this.#overflow();
    this.#pieces.push(rest);
    this.#pieceBytes += rest.length;
    return true;
  }

  /** Hands out what is held of an unfinished line: for streams whose last line needs no line end. */
  flush(): void {
    if (this.#pieceBytes > 0) this.#emitHeld(Buffer.alloc(0));
  }

  #emitHeld(last: Buffer): void {
    this.#pieces.push(last);
    const line = Buffer.concat(this.#pieces, this.#pieceBytes + last.length);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#emit(line, 0, line.length);
  }

  #emit(buffer: Buffer, start: number, end: number): void {
    this.#onLine(buffer.toString('utf8', start, buffer[end - 1] === carriageReturn && end > start ? end - 1 : end));
  }

  #overflow(): false {
    this.#pieces = [];
    this.#pieceBytes = 0;
    return false;
  }
}
