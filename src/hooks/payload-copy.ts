import { isPlainObject, setOwn } from '../json/records.js';
import { messageOf } from '../errors.js';
import { describeValue } from '../json/described-value.js';
import { weigh } from './foreign-weight.js';
import { oneEntryPerName } from './headers.js';

/** Levels of nesting a payload may have; a cycle has more. */
export const maxPayloadDepth = 500;

/** Objects and arrays a payload may have. Shared or cyclic references can multiply long before they get deep. */
const maxNodes = 1_000_000;

/** Elements one list may have, whatever the limit: a sparse one is as long as it says. */
const maxElements = 16_777_216;

export interface PayloadCopy {
  readonly value: unknown;
  /**
   * Characters of all text, numbers, truth values and keys, and bytes of buffers. What has none of its own (null, a hole,
   * an empty object) counts as one in a list and in what is no plain data; elsewhere its key stands for it.
   */
  readonly size: number;
}

/** Why something is not copied. */
export type CopyRefusal =
  /** It is larger than the limit; `size` is what was counted before the copy was given up. */
  | { readonly refused: 'size'; readonly size: number }
  /** What is wrong with it, as the end of a sentence. */
  | { readonly refused: 'data'; readonly problem: string };

/** What is to be known of one field of a payload. */
export interface PayloadField {
  /** Null says that it is not there. */
  readonly nullIsAbsent: boolean;
  /** It is a header map: one entry for each name is copied. */
  readonly isHeaders: boolean;
}

/** The fields of a payload, by their names. Their names do not count. */
export type PayloadFields = ReadonlyMap<string, PayloadField>;

/** What comes of a copy, and what is counted on the way: one object, because there is one for every hook of a request. */
interface Measure {
  value: unknown;
  size: number;
  nodesLeft: number;
  /** Whether there is a field that nobody knows. */
  unknown: boolean;
  readonly limit: number;
  readonly longestList: number;
  refusal: CopyRefusal | undefined;
}

/**
 * A deeply frozen copy of plain data, measured on the way; every part of it is read once. Strings are shared, and so is
 * what is not a plain object or array. Never throws, whatever getters and proxies do.
 *
 * @param limit size beyond which nothing is copied; lists of any length are refused in time
 * @param fields where it is a payload with fields: fields that are not there are left out, and what is an object, but not
 * a plain one, is refused
 */
export function copyWithin(
  value: unknown,
  limit: number,
  fields?: PayloadFields,
): (PayloadCopy & { readonly unknown: boolean }) | CopyRefusal {
  const longestList = limit === Number.POSITIVE_INFINITY ? maxNodes : Math.min(limit, maxElements);
  return measured(value, newMeasure(limit, longestList), fields);
}

function newMeasure(limit: number, longestList: number): Measure {
  return { value: undefined, size: 0, nodesLeft: maxNodes, unknown: false, limit, longestList, refusal: undefined };
}

/**
 * A deeply frozen copy of plain data that nobody limits.
 *
 * @throws RangeError for data that is nested deeper than 500 levels, has more than a million objects, a list of more than
 * a million elements, contains itself, or cannot be read
 */
export function frozenCopy(value: unknown): PayloadCopy {
  const copied = measured(value, newMeasure(Number.POSITIVE_INFINITY, maxNodes), undefined);
  if (!('refused' in copied)) return copied;
  throw new RangeError(copied.refused === 'data' ? copied.problem : 'is too large');
}

/** The same of what a plugin's code may keep from being read, or from being copied: undefined then. */
export function copyIfReadable<Value>(read: () => Value): Value | undefined {
  try {
    return frozenCopy(read()).value as Value;
  } catch {
    return undefined;
  }
}

function measured(value: unknown, measure: Measure, fields: PayloadFields | undefined): Measure | CopyRefusal {
  try {
    measure.value =
      fields === undefined || typeof value !== 'object' || value === null || Array.isArray(value)
        ? copy(value, measure, 0)
        : copyFields(value, measure, fields);
  } catch (error) {
    // Never asked what it is: a getter may throw anything.
    return measure.refusal ?? { refused: 'data', problem: `cannot be read: ${messageOf(error)}` };
  }
  return measure.size > measure.limit ? { refused: 'size', size: measure.size } : measure;
}

function copy(value: unknown, measure: Measure, depth: number): unknown {
  if (typeof value === 'string') {
    measure.size += value.length;
    return value;
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    measure.size += String(value).length;
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxPayloadDepth) refuse(measure, `is nested deeper than ${maxPayloadDepth} levels or contains itself`);
  if (--measure.nodesLeft < 0) refuse(measure, `has more than ${maxNodes} objects or contains itself`);
  if (Array.isArray(value)) return copyList(value, measure, depth);
  if (isPlainObject(value)) return copyObject(value, measure, depth);
  measure.size += weigh(value, measure.limit - measure.size);
  return value;
}

function copyList(list: readonly unknown[], measure: Measure, depth: number): unknown {
  const { length } = list;
  // Each element counts, so what is too long need not be walked, and of a sparse list nothing else says how long it is.
  if (length > measure.limit - measure.size) refuseSize(measure, length);
  if (length > measure.longestList) refuse(measure, `has a list of more than ${measure.longestList} elements`);
  const copied: unknown[] = [];
  for (let index = 0; index < length; index++) {
    const { size } = measure;
    copied.push(copy(list[index], measure, depth + 1));
    if (measure.size === size) measure.size++;
  }
  return Object.freeze(copied);
}

function copyFields(payload: object, measure: Measure, fields: PayloadFields): unknown {
  if (!isPlainObject(payload)) {
    return refuse(measure, `is not valid: found ${describeValue(payload)}, expected a plain object`);
  }
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(payload)) {
    const value = payload[key];
    const field = fields.get(key);
    if (field === undefined) {
      if (value === undefined) continue;
      measure.unknown = true;
      const { size } = measure;
      measure.size += key.length;
      setOwn(copied, key, copy(value, measure, 1));
      if (measure.size === size) measure.size++;
    } else if (value !== null || !field.nullIsAbsent) {
      const once = field.isHeaders && isPlainObject(value) ? oneEntryPerName(value) : value;
      setOwn(copied, key, copy(once, measure, 1));
    }
  }
  return Object.freeze(copied);
}

function copyObject(record: Readonly<Record<string, unknown>>, measure: Measure, depth: number): unknown {
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    const { size } = measure;
    measure.size += key.length;
    setOwn(copied, key, copy(record[key], measure, depth + 1));
    if (measure.size === size) measure.size++;
  }
  return Object.freeze(copied);
}

function refuse(measure: Measure, problem: string): never {
  measure.refusal = { refused: 'data', problem };
  throw new RangeError(problem);
}

function refuseSize(measure: Measure, more: number): never {
  measure.refusal = { refused: 'size', size: measure.size + more };
  throw new RangeError('is too large');
}
