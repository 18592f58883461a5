import { GatechartError } from '../../errors.js';
import { maxMessageBytes } from '../framing/message-size.js';
import { hasLoneSurrogate, maxWrittenDepth, Wire } from './struct-wire.js';
import { describeUnsendable } from './unsendable.js';

/** Bytes of the buffer that is kept between messages. */
const keptBytes = 64 * 1024;

/** Characters up to which copying them one by one beats a call into Node. */
const shortText = 48;

/** What the walk throws when it meets something that cannot be sent; the reason is looked for afterwards. */
const unsendable = Symbol('unsendable');

/** What it throws when the buffer is full; it is walked again with a larger one. */
const full = Symbol('full');

/**
 * Writes JSON objects as `google.protobuf.Struct`. It writes from the end to the beginning, because a message's length
 * comes before the message: so every length is known when it is written.
 */
export class StructWriter {
  // `private` and not `#`: Node 20 checks every call of a `#` method, which costs a third of the time here.
  private buffer = Buffer.allocUnsafeSlow(4096);
  /** Where the bytes begin that are written; they go to the end of the buffer. */
  private at = 4096;

  /** Begins a new message: the views that `write` gave for the last one are overwritten. */
  begin(): void {
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(keptBytes);
    this.at = this.buffer.length;
  }

  /**
   * Writes one object and gives a view of its bytes, valid until the next `begin`.
   *
   * @param root what the object is, for messages: `payload`
   * @param depth messages that the Struct will be in
   * @throws GatechartError PAYLOAD_INVALID (names the path) if a value cannot be sent without changing it,
   * PAYLOAD_TOO_LARGE
   */
  write(record: Readonly<Record<string, unknown>>, root: string, depth = 0): Uint8Array {
    for (;;) {
      const end = this.at;
      try {
        this.struct(record, depth + 1);
        return this.buffer.subarray(this.at, end);
      } catch (error) {
        this.at = end;
        if (error === unsendable) {
          throw new GatechartError('PAYLOAD_INVALID', describeUnsendable(record, root, depth));
        }
        if (error !== full) throw error;
        this.grow(root, end);
      }
    }
  }

  /** Takes a larger buffer, or an empty one; what is in the old one stays there, with the views of it. */
  private grow(root: string, end: number): void {
    const { length } = this.buffer;
    if (length >= maxMessageBytes && end === length) {
      throw new GatechartError(
        'PAYLOAD_TOO_LARGE',
        `${root}: found an object of more than ${maxMessageBytes} bytes, the most that one message may have on this transport`,
      );
    }
    this.buffer = Buffer.allocUnsafeSlow(Math.min(maxMessageBytes, 2 * length));
    this.at = this.buffer.length;
  }

  private struct(record: Readonly<Record<string, unknown>>, depth: number): void {
    if (depth + 2 > maxWrittenDepth) throw unsendable;
    const keys = Object.keys(record);
    for (let index = keys.length - 1; index >= 0; index--) {
      const key = keys[index]!;
      const value = record[key];
      if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
      const end = this.at;
      this.value(value, depth + 2);
      this.close(end, Wire.entryValue);
      this.text(key, Wire.entryKey);
      this.close(end, Wire.structFields);
    }
  }

  private value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        return this.text(value, Wire.stringValue);
      case 'number':
        return this.number(value);
      case 'boolean':
        return this.pair(Wire.boolValue, value ? 1 : 0);
      case 'object':
        return value === null ? this.pair(Wire.nullValue, 0) : this.composite(value, depth);
      case 'undefined':
      case 'function':
      case 'symbol':
        // Only in lists, where JSON has null for them.
        return this.pair(Wire.nullValue, 0);
      default:
        throw unsendable;
    }
  }

  private composite(value: object, depth: number): void {
    const end = this.at;
    if (Array.isArray(value)) {
      this.list(value, depth + 1);
      return this.close(end, Wire.listValue);
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      // A method that gives its own object again would never end.
      if (depth >= maxWrittenDepth) throw unsendable;
      return this.value(value.toJSON(), depth + 1);
    }
    this.struct(value as Readonly<Record<string, unknown>>, depth + 1);
    this.close(end, Wire.structValue);
  }

  private list(values: readonly unknown[], depth: number): void {
    if (depth + 1 > maxWrittenDepth) throw unsendable;
    for (let index = values.length - 1; index >= 0; index--) {
      const end = this.at;
      this.value(values[index], depth + 1);
      this.close(end, Wire.listValues);
    }
  }

  private number(value: number): void {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw unsendable;
    const at = this.reserve(9);
    this.buffer[at] = Wire.numberValue;
    this.buffer.writeDoubleLE(value, at + 1);
  }

  private text(text: string, tag: number): void {
    const { length } = text;
    if (length <= shortText) {
      const { buffer } = this;
      const start = this.at - length;
      if (start < 2) throw full;
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
    const bytes = Buffer.byteLength(text);
    const ascii = bytes === text.length;
    if (!ascii && hasLoneSurrogate(text)) throw unsendable;
    const at = this.reserve(bytes);
    this.buffer.write(text, at, bytes, ascii ? 'latin1' : 'utf8');
    this.close(end, tag);
  }

  private pair(tag: number, byte: number): void {
    const at = this.reserve(2);
    this.buffer[at] = tag;
    this.buffer[at + 1] = byte;
  }

  /** Puts tag and length before what was written since `end`. */
  private close(end: number, tag: number): void {
    const length = end - this.at;
    if (length < 0x80) return this.pair(tag, length);
    const bytes = length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4; // less than 2^28 by the limit of a message
    let at = this.reserve(bytes + 1);
    this.buffer[at] = tag;
    let rest = length;
    for (; rest >= 0x80; rest >>>= 7) this.buffer[++at] = (rest & 0x7f) | 0x80;
    this.buffer[++at] = rest;
  }

  private reserve(bytes: number): number {
    const at = this.at - bytes;
    if (at < 0) throw full;
    this.at = at;
    return at;
  }
}

const idle: StructWriter[] = [];

/** Lends a writer for one message. A `toJSON` of a user may want to write one in the middle of another. */
export function withStructWriter<Written>(write: (writer: StructWriter) => Written): Written {
  const writer = idle.pop() ?? new StructWriter();
  writer.begin();
  try {
    return write(writer);
  } finally {
    idle.push(writer);
  }
}

/**
 * One object as a Struct of its own.
 *
 * @throws GatechartError PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
 */
export function encodeStruct(record: Readonly<Record<string, unknown>>, root = 'value'): Uint8Array {
  return withStructWriter((writer) => Uint8Array.prototype.slice.call(writer.write(record, root)));
}
