import type { PartMeasure } from './frozen-part.js';

/** Levels of nesting a payload may have; a cycle has more. */
export const maxPayloadDepth = 500;

/** Objects and arrays a payload may have. Shared or cyclic references can multiply long before they get deep. */
export const maxNodes = 1_000_000;

/** Elements one list may have, whatever the limit: a sparse one is as long as it says. */
const maxElements = 16_777_216;

/** Characters that a number has at most: `-0.0000012345678901234567`. */
const longestNumber = 25;

/** Why something is not copied. */
export type CopyRefusal =
  /** It is larger than the limit; `size` is what was counted before the copy was given up. */
  | { readonly refused: 'size'; readonly size: number }
  /** What is wrong with it, as the end of a sentence. */
  | { readonly refused: 'data'; readonly problem: string };

/**
 * A copy of a payload that is being made, and what is counted of it: one object, of a class that extends none, because there
 * is one for every hook of a request.
 *
 * The size of a payload: characters of all text, numbers, truth values and keys, and bytes of buffers. What has none of its
 * own (null, a hole, an empty object) counts as one in a list and in what is no plain data; elsewhere its key stands for it.
 */
export class Copying {
  /** The copy, once it is made. */
  value: unknown = undefined;
  /** Whether there is a field that nobody knows. */
  unknown = false;
  /** Whether the fields are certainly what their schema asks for. */
  fits = false;
  refusal: CopyRefusal | undefined = undefined;
  readonly limit: number;
  readonly longestList: number;
  /** The size, but that fractions count as the longest: to write each one out takes as long as to copy all the rest. */
  sizeAtMost = 0;
  fractions = 0;
  nodesLeft = maxNodes;
  /** Keys and elements. */
  entries = 0;
  /** The deepest level below what is being copied. */
  deepest = 0;
  /** What a part that is remembered must not hold: what is no plain data, and lists that only some limits allow. */
  foreign = 0;
  /** Fractions whose digits nobody has counted, and parts with such. */
  #uncounted: unknown[] | undefined = undefined;
  /** What the digits of the others come to less. */
  #excess = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.longestList = limit === Number.POSITIVE_INFINITY ? maxNodes : Math.min(limit, maxElements);
  }

  addNumber(value: number): void {
    const digits = digitsOf(value);
    if (digits > 0) {
      this.sizeAtMost += digits;
      return;
    }
    this.sizeAtMost += longestNumber;
    this.fractions++;
    this.#uncounted ??= [];
    this.#uncounted.push(value);
  }

  /** Whether a part that was measured before is certainly within all limits. @param depth level that it is at */
  takes({ sizeAtMost, nodes, height }: PartMeasure, depth: number): boolean {
    return this.nodesLeft >= nodes && depth + height <= maxPayloadDepth && this.hasRoomFor(sizeAtMost);
  }

  addPart(part: object, { sizeAtMost, fractions, nodes, entries, height }: PartMeasure, depth: number): void {
    this.sizeAtMost += sizeAtMost;
    this.nodesLeft -= nodes;
    this.entries += entries;
    this.deepest = Math.max(this.deepest, depth + height);
    if (fractions === 0) return;
    this.fractions += fractions;
    this.#uncounted ??= [];
    this.#uncounted.push(part);
  }

  /** Whether as many characters more are within the limit. */
  hasRoomFor(more: number): boolean {
    return this.sizeAtMost - this.#excess + more <= this.limit || this.size + more <= this.limit;
  }

  /** Counts the digits of what nobody has counted. */
  get size(): number {
    for (const value of this.#uncounted ?? []) this.#excess += excessOf(value);
    this.#uncounted = undefined;
    return this.sizeAtMost - this.#excess;
  }
}

/** Digits of a small integer, with its sign; 0 for any other number. */
function digitsOf(value: number): number {
  if (!Number.isInteger(value)) return 0;
  const positive = Math.abs(value);
  const sign = value < 0 ? 1 : 0;
  if (positive < 1_000) return sign + (positive < 10 ? 1 : positive < 100 ? 2 : 3);
  if (positive < 1_000_000) return sign + (positive < 10_000 ? 4 : positive < 100_000 ? 5 : 6);
  return 0;
}

/** Characters by which what was copied is smaller than it was counted. */
function excessOf(value: unknown): number {
  if (typeof value === 'number') return digitsOf(value) > 0 ? 0 : longestNumber - String(value).length;
  if (typeof value !== 'object' || value === null) return 0;
  let excess = 0;
  for (const part of Object.values(value)) excess += excessOf(part);
  return excess;
}
