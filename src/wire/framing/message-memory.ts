import { headerBytes, shortMessageBytes } from './message-size.js';

/** Bytes up to which the memory of a message is kept for the next one. */
const keptBytes = 1024 * 1024;

/** Memory that nobody uses. */
let spare: Buffer | undefined;

/** Memory of messages that have room in front of them. */
const roomy = new WeakSet<ArrayBufferLike>();

/**
 * The bytes of a message at the end of memory that nothing else is in. In front of them must be room for a length, which
 * makes message and length one write.
 */
export function messageIn(memory: Buffer, at: number): Buffer {
  roomy.add(memory.buffer);
  return memory.subarray(at);
}

/** A message behind its length, without copying it; undefined where there is no room for the length. */
export function framed(message: Uint8Array): Buffer | undefined {
  if (!roomy.has(message.buffer)) return undefined;
  const frame = Buffer.from(message.buffer, message.byteOffset - headerBytes, headerBytes + message.length);
  frame.writeUInt32BE(message.length);
  return frame;
}

/** So many bytes or more to write to, which may have been given back. */
export function takeMemory(bytes: number): Buffer {
  const taken = spare;
  if (taken === undefined || taken.length < bytes) return Buffer.allocUnsafeSlow(bytes);
  spare = undefined;
  return taken;
}

/** Nobody looks at the message any more, and nothing writes it: its memory is free, if it has some of its own. */
export function giveBack({ buffer, length }: Uint8Array): void {
  if (length <= shortMessageBytes || buffer.byteLength > keptBytes || buffer.byteLength <= (spare?.length ?? 0)) return;
  if (roomy.delete(buffer)) spare = Buffer.from(buffer);
}
