import { isPlainObject, setOwn } from '../json/records.js';

/** A copy of a frozen payload that its holder may change at any depth. What is not plain data is shared. */
export function privateCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(privateCopy);
  if (!isPlainObject(value)) return value;
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setOwn(copied, key, privateCopy(value[key]));
  return copied;
}

/** True if a copy is as it was made: the same keys and values at every depth. Costs what the original costs. */
export function isUntouched(copy: unknown, original: unknown): boolean {
  if (Object.is(copy, original)) return true;
  if (Array.isArray(original)) {
    return (
      Array.isArray(copy) &&
      Object.getOwnPropertyNames(copy).length === original.length + 1 &&
      original.every((element, index) => Object.hasOwn(copy, index) && isUntouched(copy[index], element))
    );
  }
  if (!isPlainObject(original) || !isPlainObject(copy)) return false;
  const keys = Object.keys(original);
  return (
    Object.getOwnPropertyNames(copy).length === keys.length &&
    keys.every((key) => Object.hasOwn(copy, key) && isUntouched(copy[key], original[key]))
  );
}

/** Keys of an object whose values are not what they were, those that are gone or new included. */
export function touchedKeys(copy: object, original: object): string[] {
  const keys = new Set([...Object.keys(original), ...Object.keys(copy)]);
  return [...keys].filter((key) => !isUntouched(Reflect.get(copy, key), Reflect.get(original, key)));
}
