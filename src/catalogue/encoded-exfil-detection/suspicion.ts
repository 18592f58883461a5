import { decoded, type EncodedSegment, type EncodingName, segmentsOf } from './encodings.js';
import { looseBase64, type LooseSegment } from './loose-base64.js';
import { isPrintable } from './printable.js';

/** What makes a segment suspicious, as a configuration says. */
export interface SuspicionRules {
  /** The encodings that are looked for, each with the score that it takes. */
  readonly encodings: ReadonlyMap<EncodingName, number>;
  readonly leastEncoded: number;
  readonly leastDecoded: number;
  /** Bits for each byte. */
  readonly leastEntropy: number;
  readonly leastPrintable: number;
  /** In small letters: in what was decoded, and beside what is encoded. */
  readonly sensitiveWords: readonly string[];
  readonly egressWords: readonly string[];
  readonly isAllowed: (segment: string) => boolean;
  /** Encodings within each other that are undone. */
  readonly layers: number;
}

/** A suspicious segment of a text. What it is made of says too much to be told: numbers do. */
export interface Suspicion {
  readonly encoding: EncodingName;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  readonly entropy: number;
  readonly decodedLength: number;
  readonly printableRatio: number;
  readonly reasons: readonly string[];
}

/** Characters beside a segment in which words of egress count. */
const radius = 80;

/** The suspicious segments of a text, by where they stand; of those in the same place the one with the highest score. */
export function suspicionsIn(text: string, rules: SuspicionRules, layers = rules.layers): readonly Suspicion[] {
  const found = new Map<string, Suspicion>();
  const read = new Set<string>();
  const add = (segment: EncodedSegment, bytes: Buffer): void => {
    const suspicion = suspicionOf(segment, bytes, text, rules, layers);
    if (suspicion === undefined) return;
    const earlier = found.get(placeOf(segment));
    if (earlier === undefined || suspicion.score > earlier.score) found.set(placeOf(segment), suspicion);
  };
  for (const encoding of rules.encodings.keys()) {
    for (const segment of segmentsOf(text, encoding)) {
      const bytes = decoded(segment);
      if (bytes === undefined) continue;
      read.add(placeOf(segment));
      add(segment, bytes);
    }
  }
  const isKnown = knownPlaces(text.length, [...found.values()]);
  for (const loose of looseBase64(text)) {
    const { segment, bytes, isWhole } = loose;
    if (!rules.encodings.has(segment.encoding) || (isWhole && read.has(placeOf(segment))) || isKnown(loose)) continue;
    add(segment, bytes);
  }
  return [...found.values()].toSorted((one, other) => one.start - other.start || one.end - other.end);
}

function placeOf({ start, end }: EncodedSegment): string {
  return `${start}-${end}`;
}

/** Digits beside what was found that may be words: their first bytes can be printable. */
const fewDigits = 8;

/** Tells whether what somewhere is said was found already, but for a few digits. */
function knownPlaces(length: number, found: readonly Suspicion[]): (loose: LooseSegment) => boolean {
  if (found.length === 0) return () => false;
  const taken = new Uint8Array(length);
  for (const { start, end } of found) taken.fill(1, start, end);
  return ({ places }) => {
    let digits = 0;
    for (const { start, end } of places) for (let at = start; at < end; at++) if (taken[at] === 0) digits++;
    return digits < fewDigits;
  };
}

function suspicionOf(
  segment: EncodedSegment,
  bytes: Buffer,
  text: string,
  rules: SuspicionRules,
  layers: number,
): Suspicion | undefined {
  if (segment.text.length < rules.leastEncoded || rules.isAllowed(segment.text)) return undefined;
  if (bytes.length < rules.leastDecoded) return undefined;
  const { encoding, start, end } = segment;
  const own = { encoding, start, end, ...scored(segment, bytes, text, rules) };
  const best = own.score >= (rules.encodings.get(encoding) ?? Number.POSITIVE_INFINITY) ? own : undefined;
  if (layers <= 1) return best;
  let highest = best;
  for (const inner of suspicionsIn(bytes.toString('utf8'), rules, layers - 1)) {
    // What is within stands where the segment stands.
    if (highest === undefined || inner.score > highest.score) highest = { ...inner, start, end };
  }
  return highest;
}

function scored(
  segment: EncodedSegment,
  bytes: Buffer,
  text: string,
  rules: SuspicionRules,
): Pick<Suspicion, 'score' | 'entropy' | 'decodedLength' | 'printableRatio' | 'reasons'> {
  const entropy = entropyOf(bytes);
  const printableRatio = bytes.filter(isPrintable).length / bytes.length;
  const content = bytes.toString('latin1').toLowerCase();
  const beside = text.slice(Math.max(0, segment.start - radius), segment.end + radius).toLowerCase();
  const reasons: readonly (readonly [reason: string, points: number, applies: boolean])[] = [
    ['decodable', 1, true],
    ['high_entropy', 1, entropy >= rules.leastEntropy],
    ['printable_payload', 1, printableRatio >= rules.leastPrintable],
    ['sensitive_keywords', 2, rules.sensitiveWords.some((word) => content.includes(word))],
    ['egress_context', 1, rules.egressWords.some((word) => beside.includes(word))],
    ['long_segment', 1, segment.text.length >= 2 * rules.leastEncoded],
  ];
  const applying = reasons.filter(([, , applies]) => applies);
  return {
    score: applying.reduce((sum, [, points]) => sum + points, 0),
    entropy,
    decodedLength: bytes.length,
    printableRatio,
    reasons: applying.map(([reason]) => reason),
  };
}

/** After Shannon, in bits for each byte. */
function entropyOf(bytes: Buffer): number {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / bytes.length) * Math.log2(count / bytes.length);
  return entropy;
}
