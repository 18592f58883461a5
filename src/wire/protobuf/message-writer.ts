import { requireJson } from '../../json/json-data.js';
import { isEmpty, isPlainObject, isRecord } from '../../json/records.js';
import { GatechartError } from '../../errors.js';
import { messageIn } from '../framing/message-memory.js';
import { headerBytes, maxMessageBytes, shortMessageBytes } from '../framing/message-size.js';
import { requireSendable } from './descriptor.js';
import { full, unsendable } from './field-writer.js';
import { StructWriter } from './struct-writer.js';
import { describeUnsendable } from './unsendable.js';

type Document = Readonly<Record<string, unknown>>;

/** Bytes from which on a message stays where it was written, and the next one is written elsewhere. */
const handedBytes = 64 * 1024;

/**
 * Writes whole messages, from the last field to the first, with the JSON objects in them as Structs where they belong:
 * nothing is written first and copied into the message then.
 */
export class MessageWriter extends StructWriter {
  /** Writes a message, more than once if there is no room for it, and gives bytes that are not written again. */
  message(write: (writer: this) => void, isStrict: boolean): Uint8Array {
    this.isStrict = isStrict;
    for (this.begin(); ; this.enlarge()) {
      try {
        write(this);
        return this.take();
      } catch (error) {
        if (error !== full) throw error;
      }
    }
  }

  private take(): Buffer {
    const { buffer, at } = this;
    const length = buffer.length - at;
    // At most half of it is idle while the message is on its way.
    if (length >= handedBytes && 2 * length >= buffer.length && at >= headerBytes)
      return messageIn(this.handOver(), at);
    const isShort = length <= shortMessageBytes;
    const bytes = isShort
      ? Buffer.allocUnsafe(length)
      : messageIn(Buffer.allocUnsafeSlow(headerBytes + length), headerBytes);
    buffer.copy(bytes, 0, at);
    return bytes;
  }

  /** A field that is a text; an empty one is left out, because proto3 does not tell it from an absent one. */
  textIfAny(text: string, tag: number): void {
    if (text !== '') this.text(text, tag);
  }

  /**
   * A field that is an object.
   *
   * @param root what the object is, for messages: `payload`
   * @param depth messages that the object will be in
   */
  object(record: Document, tag: number, root: string, depth: number): void {
    const end = this.at;
    this.members(record, root, depth);
    this.close(end, tag);
  }

  /** A field that is an object, unless it holds nothing that JSON has. */
  objectIfAny(value: unknown, tag: number, root: string, depth: number): void {
    if (!isRecord(value)) return this.checkUnsent(value, root);
    if (isEmpty(value) && isPlainObject(value)) return;
    const end = this.at;
    this.members(value, root, depth);
    if (this.at < end) this.close(end, tag);
  }

  /** A field that is a message, encoded. */
  encoded(message: Uint8Array, tag: number): void {
    const end = this.at;
    this.buffer.set(message, this.reserve(message.length));
    this.close(end, tag);
  }

  /** Something that is not written, because the message has no place for it. */
  checkUnsent(value: unknown, root: string): void {
    if (this.isStrict && value !== undefined) requireJson(value, root);
  }

  private members(record: Document, root: string, depth: number): void {
    const end = this.at;
    try {
      if (this.isStrict && !isPlainObject(record)) throw unsendable;
      this.struct(record, depth + 1);
    } catch (error) {
      if (error === unsendable && this.isStrict) requireJson(record, root);
      if (error === unsendable) throw new GatechartError('PAYLOAD_INVALID', describeUnsendable(record, root, depth));
      if (error === full && end >= maxMessageBytes) throw this.tooLarge(root);
      throw error;
    }
    if (end - this.at > maxMessageBytes) throw this.tooLarge(root);
  }
}

const idle: MessageWriter[] = [];

/**
 * A message with objects in it, encoded.
 *
 * @param name of the message
 * @param write writes its fields, the last one first
 * @param isStrict what JSON cannot say is refused, as by `requireJson`: to write and to look are one walk then
 * @throws GatechartError PAYLOAD_INVALID (names the path) if something cannot be sent unchanged, PAYLOAD_TOO_LARGE
 */
export function writeMessage(name: string, write: (writer: MessageWriter) => void, isStrict: boolean): Uint8Array {
  const writer = idle.pop() ?? new MessageWriter();
  try {
    const bytes = writer.message(write, isStrict);
    requireSendable(name, bytes.length);
    return bytes;
  } finally {
    writer.finish();
    idle.push(writer);
  }
}
