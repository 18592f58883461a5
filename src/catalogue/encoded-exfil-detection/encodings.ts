import { isPrintable } from './printable.js';

/** A stretch of a text that may be encoded. Positions count UTF-16 units. */
export interface EncodedSegment {
  readonly encoding: EncodingName;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type EncodingName = 'base64' | 'base64url' | 'hex' | 'percent_encoding' | 'escaped_hex';

interface Encoding {
  /** The segments, what is beside them included as far as it decides; linear in the text. */
  readonly pattern: RegExp;
  decode(segment: string): Buffer | undefined;
}

const encodings: Readonly<Record<EncodingName, Encoding>> = {
  base64: {
    pattern: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{16,}(?:==|=(?!=)|(?!=))(?![A-Za-z0-9+/])/g,
    decode: (segment) => decodedBase64(segment, 'base64'),
  },
  base64url: {
    pattern: /(?<![\w-])[\w-]{16,}(?:==|=(?!=)|(?!=))(?![\w-])/g,
    decode: (segment) => decodedBase64(segment, 'base64url'),
  },
  hex: {
    pattern: /(?<![A-Fa-f0-9])[A-Fa-f0-9]{24,}(?![A-Fa-f0-9])/g,
    decode: decodedHex,
  },
  percent_encoding: {
    pattern: /(?:%[0-9A-Fa-f]{2}){8,}/g,
    decode: (segment) => Buffer.from(segment.replaceAll('%', ''), 'hex'),
  },
  escaped_hex: {
    pattern: /(?:\\x[0-9A-Fa-f]{2}){8,}/g,
    decode: (segment) => Buffer.from(segment.replaceAll('\\x', ''), 'hex'),
  },
};

/** In the order in which they are tried. */
export const encodingNames = Object.keys(encodings) as readonly EncodingName[];

/** Whatever may be in an encoding, from the left. */
export function* segmentsOf(text: string, encoding: EncodingName): Iterable<EncodedSegment> {
  for (const { 0: segment, index } of text.matchAll(encodings[encoding].pattern)) {
    yield { encoding, text: segment, start: index, end: index + segment.length };
  }
}

/** The bytes of a segment; undefined if it is in no such encoding. */
export function decoded({ encoding, text }: EncodedSegment): Buffer | undefined {
  return encodings[encoding].decode(text);
}

/** A digit too many, at either end, hides what somebody says from no reader; as with Base64 it is told by being printable. */
function decodedHex(segment: string): Buffer | undefined {
  if (segment.length % 2 === 0) return Buffer.from(segment, 'hex');
  return [segment.slice(0, -1), segment.slice(1)]
    .map((digits) => Buffer.from(digits, 'hex'))
    .find((bytes) => bytes.every(isPrintable));
}

/** Padding may be left out, but not be too much, and no bits may be over. */
function decodedBase64(segment: string, encoding: 'base64' | 'base64url'): Buffer | undefined {
  const digits = segment.replace(/=+$/, '');
  const over = digits.length % 4;
  const mostPadding = over === 0 ? 0 : 4 - over;
  if (over === 1 || segment.length - digits.length > mostPadding) return undefined;
  const bytes = Buffer.from(digits, encoding);
  const isCanonical = over === 0 || bytes.toString(encoding).replace(/=+$/, '').endsWith(digits.slice(-2));
  return isCanonical ? bytes : undefined;
}
