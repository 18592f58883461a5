/** Bytes that are set aside at least, so that small pieces do not make it grow time and again. */
const firstBytes = 1024;

/**
 * Bytes that come in pieces, in one buffer that at most doubles when it is full. A `Buffer` kept for each piece would cost a
 * hundred times what a piece of one byte weighs.
 */
export class GrowingBuffer {
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    let target = this.#bytes;
    if (target === undefined || needed > target.length) {
      target = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#length, firstBytes));
      this.#bytes?.copy(target, 0, 0, this.#length);
      this.#bytes = target;
    }
    target.set(piece, this.#length);
    this.#length = needed;
  }

  /** The first bytes, at most so many. */
  peek(most: number): Buffer {
    return this.#bytes?.subarray(0, Math.min(most, this.#length)) ?? Buffer.alloc(0);
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }

  /** Gives what was appended, and is empty again. */
  take(): Buffer {
    const taken = this.peek(this.#length);
    this.clear();
    return taken;
  }
}
