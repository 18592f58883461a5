import { isPlainObject, setOwn } from '../json/records.js';
import { GatechartError } from '../errors.js';
import { maxPayloadDepth } from '../hooks/payload-measure.js';

/**
 * A copy of data that can be changed without changing the original. Plain objects and arrays are copied at every level;
 * everything else is shared.
 *
 * @param what names the data in an error
 * @throws GatechartError PAYLOAD_INVALID for data that is nested deeper than 500 levels or contains itself
 */
export function copyData<Value>(value: Value, what: string): Value;
export function copyData(value: unknown, what: string): unknown {
  return copy(value, what, 0);
}

function copy(value: unknown, what: string, depth: number): unknown {
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return value;
  if (depth > maxPayloadDepth) {
    const problem = `is nested deeper than ${maxPayloadDepth} levels or contains itself`;
    throw new GatechartError('PAYLOAD_INVALID', `${what} ${problem}.`);
  }
  if (isArray) return value.map((element) => copy(element, what, depth + 1));
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setOwn(copied, key, copy(value[key], what, depth + 1));
  return copied;
}
