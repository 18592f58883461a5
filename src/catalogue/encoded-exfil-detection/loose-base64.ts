import type { EncodedSegment } from './encodings.js';
import { isPrintable } from './printable.js';

/** A segment with the printable text that it says, and little else. */
export interface LooseSegment {
  readonly segment: EncodedSegment;
  readonly bytes: Buffer;
  /** Where its digits are that say the text; the segment has the rest of their pieces too. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
  /** Whether it is in one piece, and begins where the piece does: an encoder may have written it so. */
  readonly isWhole: boolean;
}

/** Digits with nothing between them. */
interface Piece {
  readonly text: string;
  readonly start: number;
  /** Behind its padding. */
  readonly end: number;
  /** Digits of its run that are before it. */
  readonly before: number;
}

/** Bytes of a run, and the pieces that they stand in. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Digits of both alphabets with their padding, what decoders pass over between them, and what ends a run of both. */
const tokens = /(?<digits>[A-Za-z0-9+/_-]+)(?<padding>={0,2})|\\[nrt]|[\s\p{Cf}]+|(?<end>[^A-Za-z0-9+/_\s\p{Cf}-])/gu;

/**
 * Bytes that have to be printable one after the other. Words of prose are in the alphabet too, and what they decode to is
 * not: in 60 MB of documents and programs nothing but what somebody had encoded was that long.
 */
const leastPrintable = 16;

/**
 * Base64 that no encoder writes, and that decoders read all the same: with white space, line ends or characters that cannot
 * be seen in it, in both alphabets, behind other letters, of any length. It is told by what it says, which has to be
 * printable. Linear in the text.
 */
export function* looseBase64(text: string): Iterable<LooseSegment> {
  let pieces: Piece[] = [];
  let before = 0;
  for (const { 0: token, index, groups } of text.matchAll(tokens)) {
    const { digits, padding, end } = groups ?? {};
    if (digits !== undefined) {
      pieces.push({ text: digits, start: index, end: index + token.length, before });
      before += digits.length;
    }
    if (end !== undefined || (padding ?? '') !== '') {
      yield* segmentsOf(pieces);
      [pieces, before] = [[], 0];
    }
  }
  yield* segmentsOf(pieces);
}

/** What is printable in a run, wherever in it somebody began to encode. */
function* segmentsOf(pieces: readonly Piece[]): Iterable<LooseSegment> {
  const digits = pieces.map(({ text }) => text).join('');
  if (digits.length < leastPrintable) return;
  for (let phase = 0; phase < 4; phase++) {
    const bytes = Buffer.from(digits.slice(phase), 'base64');
    for (const { start, end, first, last } of stretchesOf(bytes, phase, pieces)) {
      const [from, to] = [pieces[first], pieces[last]];
      if (from === undefined || to === undefined) continue;
      const text = digits.slice(from.before, to.before + to.text.length);
      const encoding = /[-_]/.test(text) ? 'base64url' : 'base64';
      const isWhole = first === last && (phase - from.before) % 4 === 0;
      const segment = { encoding, text, start: from.start, end: to.end } as const;
      const [begin, stop] = [phase + Math.floor((start * 4) / 3), phase + Math.ceil((end * 4) / 3)];
      const places = pieces.slice(first, last + 1).map((piece) => ({
        start: piece.start + Math.max(0, begin - piece.before),
        end: piece.start + Math.min(piece.text.length, stop - piece.before),
      }));
      yield { segment, bytes: bytes.subarray(start, end), places, isWhole };
    }
  }
}

/** Where bytes are printable; what is in one piece, in part at least, goes as one. */
function* stretchesOf(bytes: Buffer, phase: number, pieces: readonly Piece[]): Iterable<Stretch> {
  let open: Stretch | undefined;
  let [begun, piece] = [0, 0];
  const pieceOf = (byte: number): number => {
    const digit = phase + Math.floor((byte * 4) / 3);
    while ((pieces[piece + 1]?.before ?? Number.POSITIVE_INFINITY) <= digit) piece++;
    return piece;
  };
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== undefined && isPrintable(byte)) continue;
    if (at - begun >= leastPrintable) {
      const stretch = { start: begun, end: at, first: pieceOf(begun), last: pieceOf(at - 1) };
      if (open !== undefined && stretch.first > open.last) yield open;
      open = open === undefined || stretch.first > open.last ? stretch : { ...open, end: at, last: stretch.last };
    }
    begun = at + 1;
  }
  if (open !== undefined) yield open;
}
