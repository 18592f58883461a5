import { isAscii, isUtf8 } from 'node:buffer';
import { GatechartError } from '../../errors.js';
import { asBytes } from './as-bytes.js';
import { longTextBytes, type SentMessage } from './sent-texts.js';

/**
 * Messages inside one another that are read: more than other implementations write, and far less than the stack holds.
 */
export const maxReadDepth = 300;

/** Bytes up to which reading them one by one beats a call into Node; beyond, V8 would make a tree of pieces. */
const shortText = 12;

/** Bytes beyond which a call into Node, which looks at many at once, beats looking at them one by one. */
const longText = 128;

/** Bytes of keys that are remembered, and how many are: the same few come again and again. */
const rememberedLength = 32;
const rememberedKeys = 512;

const empty = Buffer.alloc(0);

/** Reads the fields of a `google.protobuf.Struct` and of what is in it: tags, lengths, texts, numbers. */
export class FieldReader {
  // `protected` and `private`, and not `#`: see the writer.
  protected at = 0;
  private buffer: Buffer = empty;
  private sent: SentMessage | undefined;
  private readonly keys: (string | undefined)[] = Array.from({ length: rememberedKeys });

  protected begin(bytes: Uint8Array, sent: SentMessage | undefined): void {
    this.buffer = asBytes(bytes);
    this.at = 0;
    this.sent = sent;
  }

  /** Lets go of the bytes. */
  protected finish(): void {
    this.buffer = empty;
    this.sent = undefined;
  }

  protected double(end: number): number {
    const at = this.take(8, end);
    const value = this.buffer.readDoubleLE(at);
    if (!Number.isFinite(value)) throw malformed(`a number is ${value}, which JSON cannot say`);
    return value;
  }

  /** A text that ends there, of those that come again and again: what was made of it before, where that is remembered. */
  protected key(stop: number): string {
    const start = this.at;
    const length = stop - start;
    this.at = stop;
    if (length > rememberedLength) return this.slice(start, stop);
    const { buffer } = this;
    // Few of the bytes tell most keys apart; all of them are looked at then.
    const ends = (buffer[start]! << 6) ^ (buffer[start + (length >> 1)]! << 3);
    const hash = length > 1 ? ends ^ buffer[stop - 1]! ^ (buffer[stop - 2]! << 4) ^ length : ends;
    const place = hash & (rememberedKeys - 1);
    const remembered = this.keys[place];
    if (remembered !== undefined && remembered.length === length && this.says(start, remembered)) return remembered;
    for (let index = start; index < stop; index++) if (buffer[index]! > 0x7f) return this.slice(start, stop);
    const key = buffer.toString('latin1', start, stop);
    this.keys[place] = key;
    return key;
  }

  /** The byte that comes next, which must be there. */
  protected byte(): number {
    return this.buffer[this.at++]!;
  }

  private says(start: number, text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.buffer[start + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  /** A text that ends there. */
  protected text(stop: number): string {
    const start = this.at;
    this.at = stop;
    if (stop - start > shortText) return this.slice(start, stop);
    let text = '';
    for (let at = start; at < stop; at++) {
      const byte = this.buffer[at]!;
      if (byte > 0x7f) return this.slice(start, stop);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private slice(start: number, stop: number): string {
    const { buffer } = this;
    if (stop - start >= longTextBytes) {
      const text = this.sent?.textLike(buffer, start, stop);
      if (text !== undefined) return text;
    }
    let at = start;
    if (stop - start > longText) {
      if (isAscii(buffer.subarray(start, stop))) at = stop;
    } else while (at < stop && buffer[at]! < 0x80) at++;
    if (at === stop) return buffer.toString('latin1', start, stop);
    if (!isUtf8(buffer.subarray(at, stop))) throw malformed('a text is not UTF-8');
    return buffer.toString('utf8', start, stop);
  }

  /** Where the message that begins here ends. */
  protected end(end: number): number {
    const length = this.varint(end);
    if (length > end - this.at) throw cutShort();
    return this.at + length;
  }

  private take(bytes: number, end: number): number {
    const at = this.at;
    if (bytes > end - at) throw cutShort();
    this.at = at + bytes;
    return at;
  }

  protected tag(end: number): number {
    const tag = this.varint(end);
    if (tag >>> 3 === 0 || tag > 0xffffffff) throw malformed('a field has no number');
    return tag;
  }

  /** A boolean, or an enum of which only zero is known: true unless all bits are zero. */
  protected flag(end: number): boolean {
    let bits = 0;
    for (let count = 0; count < 10; count++) {
      const byte = this.buffer[this.take(1, end)]!;
      bits |= byte & 0x7f;
      if (byte < 0x80) return bits !== 0;
    }
    throw malformed('an integer has more than ten bytes');
  }

  /** Lengths and tags; bits beyond what a double holds make them too large, which is all that matters of them. */
  private varint(end: number): number {
    if (this.at < end) {
      const byte = this.buffer[this.at]!;
      if (byte < 0x80) {
        this.at++;
        return byte;
      }
    }
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++, scale *= 0x80) {
      const byte = this.buffer[this.take(1, end)]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed('an integer has more than ten bytes');
  }

  protected skip(tag: number, end: number, depth: number): void {
    switch (tag & 7) {
      case 0:
        this.flag(end);
        return;
      case 1:
        this.take(8, end);
        return;
      case 2:
        this.take(this.varint(end), end);
        return;
      case 3:
        return this.skipGroup(tag >>> 3, end, depth + 1);
      case 5:
        this.take(4, end);
        return;
      default:
        throw malformed(`a field has the wire type ${tag & 7}`);
    }
  }

  private skipGroup(number: number, end: number, depth: number): void {
    if (depth > maxReadDepth) throw tooDeep();
    for (;;) {
      const tag = this.tag(end);
      if ((tag & 7) !== 4) this.skip(tag, end, depth);
      else if (tag >>> 3 === number) return;
      else throw malformed('a group ends that has not begun');
    }
  }
}

function malformed(problem: string): GatechartError {
  return new GatechartError('PROTOCOL_ERROR', `A google.protobuf.Struct is malformed: ${problem}`);
}

function cutShort(): GatechartError {
  return malformed('it ends in the middle of a field');
}

export function tooDeep(): GatechartError {
  return malformed(`more than ${maxReadDepth} messages are inside one another`);
}
