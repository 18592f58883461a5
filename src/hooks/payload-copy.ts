import { isPlainObject, setOwn } from '../json/records.js';
import { messageOf } from '../errors.js';
import { describeValue } from '../json/described-value.js';
import { weigh } from './foreign-weight.js';
import { FrozenPart } from './frozen-part.js';
import { oneEntryPerName } from './headers.js';
import { type CopyRefusal, Copying, maxNodes, maxPayloadDepth } from './payload-measure.js';
import type { ShapeCheck } from './shape-check.js';

/** Keys and elements from which on a copy is worth remembering; below, to copy it again costs no more. */
const rememberedEntries = 16;

/** The same of what is so near the top that a plugin, which changes something beside it, hands it back as it was. */
const rememberedEntriesNearTop = 4;
const nearTop = 2;

export interface PayloadCopy {
  readonly value: unknown;
}

export type { CopyRefusal } from './payload-measure.js';

/** The copy of a payload with fields. */
export interface FieldsCopy extends PayloadCopy {
  /** Whether there is a field that nobody knows. */
  readonly unknown: boolean;
  /** Whether the fields are certainly what their schema asks for: what is not, may be all the same. */
  readonly fits: boolean;
}

/** What is to be known of one field of a payload. */
export interface PayloadField {
  /** Null says that it is not there. */
  readonly nullIsAbsent: boolean;
  /** It is a header map: one entry for each name is copied. */
  readonly isHeaders: boolean;
  readonly isOptional?: boolean;
  /** Left out for one that only its schema can look at. */
  readonly check?: ShapeCheck | undefined;
}

/** The fields of a payload, by their names. Their names do not count. */
export type PayloadFields = ReadonlyMap<string, PayloadField>;

/**
 * A deeply frozen copy of plain data, measured on the way; every part of it is read once. Strings are shared, and so is
 * what is not a plain object or array, and what was copied here before and is still the same: that is all of it that is
 * large enough to be remembered, and has nothing inside but plain data. Never throws, whatever getters and proxies do.
 *
 * @param limit size beyond which nothing is copied; lists of any length are refused in time
 * @param fields where it is a payload with fields: fields that are not there are left out, and what is an object, but not
 * a plain one, is refused
 */
export function copyWithin(
  value: unknown,
  limit: number,
  fields?: PayloadFields,
  required?: number,
): FieldsCopy | CopyRefusal {
  return measured(value, new Copying(limit), fields, required);
}

/**
 * A deeply frozen copy of plain data that nobody limits.
 *
 * @throws RangeError for data that is nested deeper than 500 levels, has more than a million objects, a list of more than
 * a million elements, contains itself, or cannot be read
 */
export function frozenCopy(value: unknown): PayloadCopy {
  const copied = measured(value, new Copying(Number.POSITIVE_INFINITY), undefined, undefined);
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

function measured(
  value: unknown,
  copying: Copying,
  fields: PayloadFields | undefined,
  required: number | undefined,
): Copying | CopyRefusal {
  try {
    copying.value =
      fields === undefined || typeof value !== 'object' || value === null || Array.isArray(value)
        ? copy(value, copying, 0)
        : copyFields(value, copying, fields, required);
  } catch (error) {
    // Never asked what it is: a getter may throw anything.
    return copying.refusal ?? { refused: 'data', problem: `cannot be read: ${messageOf(error)}` };
  }
  return copying.hasRoomFor(0) ? copying : { refused: 'size', size: copying.size };
}

function copy(value: unknown, copying: Copying, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      copying.sizeAtMost += value.length;
      return value;
    case 'number':
      copying.addNumber(value);
      return value;
    case 'boolean':
      copying.sizeAtMost += value ? 4 : 5;
      return value;
    case 'bigint':
      copying.sizeAtMost += String(value).length;
      return value;
    case 'object':
      return value === null ? null : copyObject(value, copying, depth);
    default:
      return value;
  }
}

function copyObject(value: object, copying: Copying, depth: number): unknown {
  const known = FrozenPart.measureOf(value);
  if (known !== undefined && copying.takes(known, depth)) {
    copying.addPart(value, known, depth);
    return value;
  }
  if (depth > maxPayloadDepth) refuse(copying, `is nested deeper than ${maxPayloadDepth} levels or contains itself`);
  if (--copying.nodesLeft < 0) refuse(copying, `has more than ${maxNodes} objects or contains itself`);
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) {
    copying.foreign++;
    copying.sizeAtMost += weigh(value, copying.limit - copying.size);
    return value;
  }
  const { sizeAtMost, fractions, nodesLeft, entries, deepest, foreign } = copying;
  copying.deepest = depth;
  const copied = isList ? copyList(value, copying, depth) : copyRecord(value, copying, depth);
  const fewest = depth <= nearTop ? rememberedEntriesNearTop : rememberedEntries;
  if (copying.entries - entries >= fewest && copying.foreign === foreign) {
    FrozenPart.remember(copied, {
      sizeAtMost: copying.sizeAtMost - sizeAtMost,
      fractions: copying.fractions - fractions,
      nodes: nodesLeft - copying.nodesLeft + 1,
      entries: copying.entries - entries,
      height: copying.deepest - depth,
    });
  }
  copying.deepest = Math.max(deepest, copying.deepest);
  return Object.freeze(copied);
}

function copyList(list: readonly unknown[], copying: Copying, depth: number): unknown[] {
  const { length } = list;
  // Each element counts, so what is too long need not be walked, and of a sparse list nothing else says how long it is.
  if (!copying.hasRoomFor(length)) refuseSize(copying, length);
  if (length > copying.longestList) refuse(copying, `has a list of more than ${copying.longestList} elements`);
  // What nobody limits has a shorter one.
  if (length > maxNodes) copying.foreign++;
  copying.entries += length;
  const copied: unknown[] = [];
  for (let index = 0; index < length; index++) {
    const { sizeAtMost } = copying;
    copied.push(copy(list[index], copying, depth + 1));
    if (copying.sizeAtMost === sizeAtMost) copying.sizeAtMost++;
  }
  return copied;
}

function copyRecord(
  record: Readonly<Record<string, unknown>>,
  copying: Copying,
  depth: number,
): Record<string, unknown> {
  const copied: Record<string, unknown> = {};
  for (const key in record) {
    if (!hasOwn.call(record, key)) continue;
    const { sizeAtMost } = copying;
    const value = record[key];
    copying.entries++;
    if (typeof value === 'string') {
      copying.sizeAtMost += key.length + value.length;
      setOwn(copied, key, value);
    } else {
      copying.sizeAtMost += key.length;
      setOwn(copied, key, copy(value, copying, depth + 1));
    }
    if (copying.sizeAtMost === sizeAtMost) copying.sizeAtMost++;
  }
  return copied;
}

function copyFields(payload: object, copying: Copying, fields: PayloadFields, required: number | undefined): unknown {
  if (!isPlainObject(payload)) {
    return refuse(copying, `is not valid: found ${describeValue(payload)}, expected a plain object`);
  }
  const copied: Record<string, unknown> = {};
  let fits = required !== undefined;
  let missing = required ?? 0;
  for (const key in payload) {
    if (!hasOwn.call(payload, key)) continue;
    const value = payload[key];
    const field = fields.get(key);
    if (field === undefined) {
      if (value === undefined) continue;
      copying.unknown = true;
      fits = false;
      const { sizeAtMost } = copying;
      copying.sizeAtMost += key.length;
      setOwn(copied, key, copy(value, copying, 1));
      if (copying.sizeAtMost === sizeAtMost) copying.sizeAtMost++;
    } else if (value !== null || !field.nullIsAbsent) {
      const once = field.isHeaders && isPlainObject(value) ? oneEntryPerName(value) : value;
      const own = copy(once, copying, 1);
      setOwn(copied, key, own);
      if (field.isOptional !== true) missing--;
      fits &&= field.check?.(own) === true;
    }
  }
  copying.fits = fits && missing === 0;
  return Object.freeze(copied);
}

function refuse(copying: Copying, problem: string): never {
  copying.refusal = { refused: 'data', problem };
  throw new RangeError(problem);
}

function refuseSize(copying: Copying, more: number): never {
  copying.refusal = { refused: 'size', size: copying.size + more };
  throw new RangeError('is too large');
}

// oxlint-disable-next-line typescript/unbound-method -- asked inside `for … in`, where the compiler knows the answer
const { hasOwnProperty: hasOwn } = Object.prototype;
