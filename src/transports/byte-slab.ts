const smallest = 1024;
const none = Buffer.alloc(0);

/**
 * Bytes that came in pieces, held as what they weigh: a Buffer for each piece costs a hundred times a piece of one byte,
 * and keeps the whole read that it came with.
 */
export class ByteSlab {
  #slab = none;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#slab.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#slab.length * 2, smallest));
      larger.set(this.#slab.subarray(0, this.#length));
      this.#slab = larger;
    }
    this.#slab.set(piece, this.#length);
    this.#length = length;
  }

  /** The first bytes, at most so many. */
  peek(most: number): Buffer {
    return this.#slab.subarray(0, Math.min(most, this.#length));
  }

  /** What is held, which is held no longer. */
  take(): Buffer {
    const bytes = this.#slab.subarray(0, this.#length);
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#slab = none;
    this.#length = 0;
  }
}

const byteOrderMark = '\uFEFF';

/** UTF-8 as text, without the byte order mark that it may begin with. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}
