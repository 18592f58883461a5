/** Bytes that are set aside at least when pieces are gathered. */
const firstBytes = 1024;

/**
 * Bytes that come in pieces. They are copied together: a piece that is kept costs a hundred bytes and more beside its
 * own, and holds on to the whole buffer that it was read into.
 */
export class GatheredBytes {
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    let bytes = this.#bytes;
    if (bytes === undefined || needed > bytes.length) {
      bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#length, firstBytes));
      if (this.#bytes !== undefined) this.#bytes.copy(bytes, 0, 0, this.#length);
      this.#bytes = bytes;
    }
    bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** Gives all of it and holds nothing any more. */
  take(): Buffer {
    const bytes = this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }
}
