import { GatechartError } from '../../errors.js';
import { headerBytes, maxMessageBytes } from './message-size.js';

/** Bytes that are set aside at most for a frame before anything of it has come. */
const firstBytes = 64 * 1024;

/** Bytes of the longest frame that is read past; whoever claims more does not speak the protocol. */
const longestPassed = 16 * maxMessageBytes;

/** Bytes of the longest buffer that is kept when its frame is read, for the next one of whichever reader. */
const keptBytes = 1024 * 1024;

/** What frames that come in pieces are put together in; undefined while one is, or if none ever was. */
let kept: Buffer | undefined;

/** Why a frame is read past: it is longer than allowed, or there was no room for it. */
export type Passed = 'tooLong' | 'noRoom';

export interface FrameReaderOptions {
  /** Bytes a frame may have, if that is less than the most that is possible. */
  readonly maxBytes?: number;
  /**
   * Told the length of a frame that was read past, and why; says whether to read on, as `take` does. Without it frames that
   * are too long are errors.
   */
  readonly passOver?: (length: number, why: Passed) => boolean;
  /** Asked before so many more bytes are set aside for a frame that has not come whole. */
  readonly hold?: (bytes: number) => boolean;
}

/**
 * Cuts a stream of bytes into frames: four bytes of length, big-endian, then as many bytes. A frame is given as a view of
 * the piece it came in, or of what is used for the next one, so it is only valid until `take` returns. If `take` gives false, reading stops
 * behind that frame.
 */
export class FrameReader {
  readonly #take: (frame: Buffer) => boolean;
  readonly #maxBytes: number;
  readonly #passOver: FrameReaderOptions['passOver'];
  readonly #hold: FrameReaderOptions['hold'];
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  /** What has come of a frame that is not complete. */
  #body: Buffer | undefined;
  /** Bytes set aside for it: they grow with what comes, never ahead of it by much, unless the buffer was there before. */
  #bodyHeld = 0;
  #bodyFilled = 0;
  #bodyLength = 0;
  /** Bytes that are still to come of a frame that is read past, and how long it is. */
  #toPass = 0;
  #passedLength = 0;
  #passedWhy: Passed = 'tooLong';
  /** How far the chunk is read. */
  #at = 0;

  constructor(
    take: (frame: Buffer) => boolean,
    { maxBytes = maxMessageBytes, passOver, hold }: FrameReaderOptions = {},
  ) {
    this.#take = take;
    this.#maxBytes = Math.min(maxBytes, maxMessageBytes);
    this.#passOver = passOver;
    this.#hold = hold;
  }

  /** Whether a frame has begun that is not complete. */
  get isInFrame(): boolean {
    return this.#headerFilled > 0 || this.#body !== undefined || this.#toPass > 0;
  }

  /**
   * Gives the bytes of the chunk that were read: all of them, unless `take` said stop.
   *
   * @throws GatechartError PROTOCOL_ERROR if a frame is longer than allowed and than what is read past; the stream cannot be read on then
   */
  push(chunk: Buffer): number {
    this.#at = 0;
    for (let readsOn = true; readsOn && this.#at < chunk.length; ) {
      if (this.#toPass > 0) readsOn = this.#pass(chunk);
      else if (this.#body !== undefined) readsOn = this.#fillBody(this.#body, chunk);
      else if (this.#headerFilled === 0 && chunk.length - this.#at >= headerBytes) {
        this.#at += headerBytes;
        readsOn = this.#begin(chunk, chunk.readUInt32BE(this.#at - headerBytes));
      } else readsOn = this.#fillHeader(chunk);
    }
    return this.#at;
  }

  #fillHeader(chunk: Buffer): boolean {
    const bytes = Math.min(headerBytes - this.#headerFilled, chunk.length - this.#at);
    chunk.copy(this.#header, this.#headerFilled, this.#at, this.#at + bytes);
    this.#at += bytes;
    this.#headerFilled += bytes;
    if (this.#headerFilled < headerBytes) return true;
    this.#headerFilled = 0;
    return this.#begin(chunk, this.#header.readUInt32BE(0));
  }

  #begin(chunk: Buffer, length: number): boolean {
    if (length > this.#maxBytes && length <= longestPassed && this.#passOver !== undefined) {
      return this.#readPast(length, length, 'tooLong');
    }
    if (length > this.#maxBytes) {
      throw new GatechartError(
        'PROTOCOL_ERROR',
        `A frame claims to have ${length} bytes, at most ${this.#maxBytes} are possible; the other side does not speak the protocol of plugin sockets`,
      );
    }
    const start = this.#at;
    const present = chunk.length - start;
    if (present >= length) {
      this.#at = start + length;
      return this.#take(chunk.subarray(start, this.#at));
    }
    const bytes = Math.min(length, Math.max(firstBytes, present));
    if (this.#hold?.(bytes) === false) return this.#readPast(length, length, 'noRoom');
    this.#bodyLength = length;
    this.#bodyFilled = 0;
    this.#bodyHeld = bytes;
    this.#body = kept ?? Buffer.allocUnsafeSlow(bytes);
    kept = undefined;
    return true;
  }

  #readPast(length: number, left: number, why: Passed): true {
    this.#body = undefined;
    this.#passedLength = length;
    this.#toPass = left;
    this.#passedWhy = why;
    return true;
  }

  #pass(chunk: Buffer): boolean {
    const bytes = Math.min(this.#toPass, chunk.length - this.#at);
    this.#at += bytes;
    this.#toPass -= bytes;
    return this.#toPass > 0 || (this.#passOver?.(this.#passedLength, this.#passedWhy) ?? true);
  }

  #fillBody(body: Buffer, chunk: Buffer): boolean {
    const bytes = Math.min(this.#bodyLength - this.#bodyFilled, chunk.length - this.#at);
    const needed = this.#bodyFilled + bytes;
    let target = body;
    if (needed > this.#bodyHeld) {
      const size = Math.min(this.#bodyLength, Math.max(needed, 2 * this.#bodyHeld));
      if (this.#hold?.(size - this.#bodyHeld) === false) {
        return this.#readPast(this.#bodyLength, this.#bodyLength - this.#bodyFilled, 'noRoom');
      }
      this.#bodyHeld = size;
    }
    if (needed > body.length) {
      target = Buffer.allocUnsafeSlow(this.#bodyHeld);
      body.copy(target, 0, 0, this.#bodyFilled);
      this.#body = target;
    }
    chunk.copy(target, this.#bodyFilled, this.#at, this.#at + bytes);
    this.#at += bytes;
    this.#bodyFilled = needed;
    if (needed < this.#bodyLength) return true;
    this.#body = undefined;
    const readsOn = this.#take(target.subarray(0, needed));
    if (target.length <= keptBytes && target.length > (kept?.length ?? 0)) kept = target;
    return readsOn;
  }
}
