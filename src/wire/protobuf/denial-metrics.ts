import { isRecord, setOwn } from '../../json/records.js';
import { asBytes } from './as-bytes.js';
import { requireWellFormed } from './well-formed.js';

// Not read and written by protobufjs, which keeps 64 bits only where it finds the package `long`.

/** The tags of a DenialMetric: field number × 8 + wire type. */
const Tag = { boolean: 0x08, integer: 0x10, floating: 0x19 } as const;

/** Numbers about a denial as a DenialMetadata. Whole numbers are integers there, the others floating. */
export function metricsMessage(metrics: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(metrics)) {
    setOwn(fields, requireWellFormed(key, 'result.denial_metadata'), writeMetric(value));
  }
  return { fields };
}

/** The numbers of a decoded DenialMetadata; integers beyond 2^53 are big. What is none is null. */
export function readMetrics(message: unknown): Record<string, unknown> {
  const metrics: Record<string, unknown> = {};
  const fields = isRecord(message) && isRecord(message['fields']) ? message['fields'] : {};
  for (const [key, bytes] of Object.entries(fields)) {
    setOwn(metrics, key, bytes instanceof Uint8Array ? readMetric(asBytes(bytes)) : null);
  }
  return metrics;
}

function writeMetric(value: unknown): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(Tag.boolean, value ? 1 : 0);
  if (typeof value === 'bigint') return writeInteger(value);
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return writeInteger(BigInt(Number(value)));
  const bytes = Buffer.alloc(9, Tag.floating);
  bytes.writeDoubleLE(Number(value), 1);
  return bytes;
}

function writeInteger(value: bigint): Uint8Array {
  // Zigzag: small negative numbers are short as well.
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [Tag.integer];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** Null for bytes that are no metric, or one of a later version. Of several values the last one counts. */
function readMetric(bytes: Buffer): boolean | number | bigint | null {
  let value: boolean | number | bigint | null = null;
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at++];
    if (tag === Tag.floating && at + 8 <= bytes.length) {
      value = bytes.readDoubleLE(at);
      at += 8;
    } else if (tag === Tag.boolean || tag === Tag.integer) {
      const read = readVarint(bytes, at);
      if (read === undefined) return null;
      at = read.end;
      value = tag === Tag.boolean ? read.value !== 0n : integerOf(read.value);
    } else return null;
  }
  return value;
}

function readVarint(bytes: Buffer, start: number): { readonly value: bigint; readonly end: number } | undefined {
  let value = 0n;
  for (let count = 0; count < 10; count++) {
    const byte = bytes[start + count];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * count);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + count + 1 };
  }
  return undefined;
}

function integerOf(zigzag: bigint): number | bigint {
  const integer = BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
