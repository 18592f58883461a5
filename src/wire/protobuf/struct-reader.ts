import { setOwn } from '../../json/records.js';
import { FieldReader, maxReadDepth, tooDeep } from './field-reader.js';
import type { SentMessage } from './sent-texts.js';
import { Wire } from './struct-wire.js';

/**
 * Reads `google.protobuf.Struct` as JSON. Unknown fields are skipped; of a field that comes twice, the last one counts.
 * What it makes is bounded by the bytes it is given.
 */
export class StructReader extends FieldReader {
  /** @throws GatechartError PROTOCOL_ERROR */
  read(bytes: Uint8Array, sent: SentMessage | undefined): Record<string, unknown> {
    this.begin(bytes, sent);
    try {
      return this.struct(bytes.length, 1);
    } finally {
      this.finish();
    }
  }

  protected struct(end: number, depth: number): Record<string, unknown> {
    if (depth > maxReadDepth) throw tooDeep();
    const record: Record<string, unknown> = {};
    while (this.at < end) {
      const tag = this.tag(end);
      if (tag === Wire.structFields) this.entry(record, this.end(end), depth + 1);
      else this.skip(tag, end, depth);
    }
    return record;
  }

  private entry(record: Record<string, unknown>, end: number, depth: number): void {
    let key = '';
    let value: unknown = null;
    while (this.at < end) {
      const tag = this.tag(end);
      if (tag === Wire.entryKey) key = this.key(this.end(end));
      else if (tag === Wire.entryValue) value = this.value(this.end(end), depth + 1);
      else this.skip(tag, end, depth);
    }
    setOwn(record, key, value);
  }

  /** A Value in which nothing is set counts as null, as it does elsewhere. */
  private value(end: number, depth: number): unknown {
    if (depth > maxReadDepth) throw tooDeep();
    let value: unknown = null;
    while (this.at < end) {
      const tag = this.tag(end);
      switch (tag) {
        case Wire.stringValue:
          value = this.text(this.end(end));
          break;
        case Wire.numberValue:
          value = this.double(end);
          break;
        case Wire.boolValue:
          value = this.flag(end);
          break;
        case Wire.structValue:
          value = this.struct(this.end(end), depth + 1);
          break;
        case Wire.listValue:
          value = this.list(this.end(end), depth + 1);
          break;
        case Wire.nullValue:
          this.flag(end);
          value = null;
          break;
        default:
          this.skip(tag, end, depth);
      }
    }
    return value;
  }

  private list(end: number, depth: number): unknown[] {
    const values: unknown[] = [];
    while (this.at < end) {
      const tag = this.tag(end);
      if (tag === Wire.listValues) values.push(this.value(this.end(end), depth + 1));
      else this.skip(tag, end, depth);
    }
    return values;
  }
}

const reader = new StructReader();

/**
 * The object that a Struct says.
 *
 * @param sent the message that it is the answer to
 * @throws GatechartError PROTOCOL_ERROR if the bytes are no Struct, or say what JSON cannot
 */
export function decodeStruct(bytes: Uint8Array, sent?: SentMessage): Record<string, unknown> {
  return reader.read(bytes, sent);
}
