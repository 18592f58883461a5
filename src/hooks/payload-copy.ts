import { types } from 'node:util';
import { isPlainObject, setOwn } from '../context/plain-data.js';

/** Levels of nesting a payload may have; a cycle has more. */
export const maxPayloadDepth = 500;

/** Objects and arrays a payload may have. Shared or cyclic references can multiply long before they get deep. */
const maxNodes = 1_000_000;

interface Measure {
  size: number;
  nodesLeft: number;
}

export interface PayloadCopy {
  readonly value: unknown;
  /**
   * Characters of all text, numbers, truth values and nested keys, and bytes of buffers. The payload's own keys are its
   * hook's, and free.
   */
  readonly size: number;
}

/**
 * A deeply frozen copy of a payload, measured on the way. Plugins may keep it and cannot change it; strings are shared,
 * and so is what is not a plain object or array.
 *
 * @throws RangeError for data that is nested deeper than 500 levels, has more than a million objects, or contains itself
 */
export function frozenCopy(payload: unknown): PayloadCopy {
  const measure: Measure = { size: 0, nodesLeft: maxNodes };
  const value = copy(payload, measure, 0);
  return { value, size: measure.size };
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
  if (depth > maxPayloadDepth)
    throw new RangeError(`is nested deeper than ${maxPayloadDepth} levels or contains itself`);
  if (--measure.nodesLeft < 0) throw new RangeError(`has more than ${maxNodes} objects or contains itself`);
  if (Array.isArray(value)) {
    const copied: unknown[] = [];
    for (const element of value) copied.push(copy(element, measure, depth + 1));
    return Object.freeze(copied);
  }
  if (!isPlainObject(value)) {
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) measure.size += value.byteLength;
    return value;
  }
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (depth > 0) measure.size += key.length;
    setOwn(copied, key, copy(value[key], measure, depth + 1));
  }
  return Object.freeze(copied);
}
