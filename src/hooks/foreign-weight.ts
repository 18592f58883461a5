import { types } from 'node:util';

/**
 * What an object that is no plain data adds to a payload's size: bytes of a buffer; of maps, sets and instances of classes
 * all that they hold, each value at least one. It is walked without recursion and each part once, because live objects
 * are deep and refer to each other.
 *
 * @param most counting ends when it has come this far
 */
export function weigh(value: object, most: number): number {
  let size = 0;
  const waiting: unknown[] = [value];
  const seen = new Set<object>();
  while (waiting.length > 0 && size <= most) {
    const next = waiting.pop();
    size += Math.max(1, ownSize(next));
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isBytes(next)) continue;
    const count = partsOf(next, waiting, most - size);
    if (count > most - size) return size + count;
  }
  return size;
}

function ownSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value).length;
    case 'object':
      return value !== null && isBytes(value) ? value.byteLength : 0;
    default:
      return 0;
  }
}

/** Puts what an object holds to the waiting ones, unless there is more than may be; gives how much it is. */
function partsOf(holder: object, waiting: unknown[], most: number): number {
  if (Array.isArray(holder)) return put(holder.length, most, waiting, () => holder);
  if (holder instanceof Map) return put(2 * holder.size, most, waiting, () => [...holder.keys(), ...holder.values()]);
  if (holder instanceof Set) return put(holder.size, most, waiting, () => holder);
  const keys = Object.keys(holder);
  return put(2 * keys.length, most, waiting, () => [...keys, ...Object.values(holder)]);
}

function put(count: number, most: number, waiting: unknown[], parts: () => Iterable<unknown>): number {
  if (count <= most) for (const part of parts()) waiting.push(part);
  return count;
}

function isBytes(value: object): value is ArrayBufferView | ArrayBufferLike {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}
