import { GatechartError } from '../../errors.js';
import { isPlainObject } from '../../json/records.js';
import { FieldWriter, full, unsendable } from './field-writer.js';
import { maxWrittenDepth, Wire } from './struct-wire.js';
import { describeUnsendable } from './unsendable.js';

/** Writes JSON objects as `google.protobuf.Struct`. */
export class StructWriter extends FieldWriter {
  /** What JSON cannot say is not left out or asked for its `toJSON`, but refused, as by `requireJson`. */
  protected isStrict = false;

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

  protected struct(record: Readonly<Record<string, unknown>>, depth: number): void {
    if (depth + 2 > maxWrittenDepth) throw unsendable;
    const keys = Object.keys(record);
    for (let index = keys.length - 1; index >= 0; index--) {
      const key = keys[index]!;
      const value = record[key];
      if (value === undefined) continue;
      if (typeof value === 'function' || typeof value === 'symbol') {
        if (this.isStrict) throw unsendable;
        continue;
      }
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
        if (this.isStrict) throw unsendable;
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
    if (this.isStrict) {
      if (!isPlainObject(value)) throw unsendable;
    } else if ('toJSON' in value && typeof value.toJSON === 'function') {
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
}

const idle: StructWriter[] = [];

/** Lends a writer for one message. A `toJSON` of a user may want to write one in the middle of another. */
export function withStructWriter<Written>(write: (writer: StructWriter) => Written): Written {
  const writer = idle.pop() ?? new StructWriter();
  writer.begin();
  try {
    return write(writer);
  } finally {
    writer.finish();
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
