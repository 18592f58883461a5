import { isAscii } from 'node:buffer';
import { GatechartError } from '../../errors.js';
import { takeMemory } from '../framing/message-memory.js';
import { maxMessageBytes } from '../framing/message-size.js';
import { longTextBytes, type SentTexts } from './sent-texts.js';
import { Wire } from './struct-wire.js';

/** Bytes of the buffer that a writer begins with. */
const firstBytes = 4096;

/** Bytes of the buffer that is kept between messages. */
const keptBytes = 1024 * 1024;

/** For writers that have no buffer. */
const none: Buffer = Buffer.alloc(0);

/** Characters up to which copying them one by one beats a call into Node. */
const shortText = 48;

/** A character of more than one byte. V8 does not look for it where it keeps a text in bytes. */
const wide = /[^\0-\xff]/;

/** What the walk throws when it meets something that cannot be sent; the reason is looked for afterwards. */
export const unsendable = Symbol('unsendable');

/** What it throws when the buffer is full; it is walked again with a larger one. */
export const full = Symbol('full');

/**
 * Writes the fields of a `google.protobuf.Struct` and of what is in it. It writes from the end to the beginning, because a
 * message's length comes before the message: so every length is known when it is written.
 */
export class FieldWriter {
  // `private` or `protected`, and not `#`: Node 20 checks every call of a `#` method, which costs a third of the time here.
  protected buffer = none;
  /** Where the bytes begin that are written; they go to the end of the buffer. Others only look at it. */
  at = 0;

  /** The long texts that are written. */
  longTexts: SentTexts | undefined;

  /** Bytes that did not fit, of the last thing that did not. */
  private lacking = 0;

  /** Begins a new message: the views that `write` gave for the last one are overwritten. */
  begin(): void {
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(keptBytes);
    else if (this.buffer.length === 0) this.buffer = takeMemory(firstBytes);
    this.at = this.buffer.length;
  }

  /** Gives the buffer away, with what is written. */
  protected handOver(): Buffer {
    const { buffer } = this;
    this.buffer = none;
    return buffer;
  }

  /** Lets go of what was written, but for the bytes. */
  finish(): void {
    this.longTexts = undefined;
  }

  /** Takes a larger buffer, or an empty one; what is in the old one stays there, with the views of it. */
  protected grow(root: string, end: number): void {
    const { length } = this.buffer;
    if (length >= maxMessageBytes && end === length) throw this.tooLarge(root);
    this.renew(maxMessageBytes);
  }

  /** The same for a message with several objects, each of which may be as large as one may. */
  protected enlarge(): void {
    const { length } = this.buffer;
    this.renew(length < maxMessageBytes ? maxMessageBytes : length + maxMessageBytes);
  }

  private renew(most: number): void {
    // Not a text of a megabyte in steps, each of which would write everything once more.
    this.buffer = takeMemory(Math.min(most, 2 * this.buffer.length + this.lacking));
    this.at = this.buffer.length;
    this.longTexts = undefined;
  }

  protected tooLarge(root: string): GatechartError {
    return new GatechartError(
      'PAYLOAD_TOO_LARGE',
      `${root}: found an object of more than ${maxMessageBytes} bytes, the most that one message may have on this transport`,
    );
  }

  protected number(value: number): void {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw unsendable;
    const at = this.reserve(9);
    this.buffer[at] = Wire.numberValue;
    this.buffer.writeDoubleLE(value, at + 1);
  }

  text(text: string, tag: number): void {
    const { length } = text;
    if (length <= shortText) {
      const { buffer } = this;
      const start = this.at - length;
      if (start < 2) throw this.outOf(length + 2);
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        buffer[start + index] = code;
      }
      if (index === length) {
        buffer[start - 1] = length;
        buffer[start - 2] = tag;
        this.at = start - 2;
        return;
      }
    }
    this.longText(text, tag);
  }

  private longText(text: string, tag: number): void {
    const end = this.at;
    const { length } = text;
    const at = this.reserve(length);
    // Every character fits a byte, and each of them is ASCII: that is UTF-8 too, and what most texts are.
    const isNarrow = !wide.test(text) && this.buffer.write(text, at, length, 'latin1') === length;
    if (!isNarrow || !isAscii(this.buffer.subarray(at, end))) {
      this.at = end;
      if (!text.isWellFormed()) throw unsendable;
      const bytes = Buffer.byteLength(text);
      this.buffer.write(text, this.reserve(bytes), bytes, 'utf8');
    }
    if (end - this.at >= longTextBytes) this.note(text, end - this.at);
    this.close(end, tag);
  }

  private note(text: string, bytes: number): void {
    this.longTexts ??= new Map();
    this.longTexts.set(bytes, { text, fromEnd: this.buffer.length - this.at });
  }

  protected pair(tag: number, byte: number): void {
    const at = this.reserve(2);
    this.buffer[at] = tag;
    this.buffer[at + 1] = byte;
  }

  /** Puts tag and length before what was written since `end`. */
  close(end: number, tag: number): void {
    const length = end - this.at;
    if (length < 0x80) return this.pair(tag, length);
    const bytes = length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4; // less than 2^28 by the limit of a message
    let at = this.reserve(bytes + 1);
    this.buffer[at] = tag;
    let rest = length;
    for (; rest >= 0x80; rest >>>= 7) this.buffer[++at] = (rest & 0x7f) | 0x80;
    this.buffer[++at] = rest;
  }

  protected reserve(bytes: number): number {
    const at = this.at - bytes;
    if (at < 0) throw this.outOf(bytes);
    this.at = at;
    return at;
  }

  private outOf(bytes: number): typeof full {
    this.lacking = bytes;
    return full;
  }
}
