import { types } from 'node:util';

/** Sets an own property, also where the key is `__proto__`. */
export function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    record[key] = value;
  }
}

/** True for an object without properties of its own. */
export function isEmpty(record: object): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return false;
  return true;
}

/** True for what JSON calls an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * True for an object that inherits nothing but what every object does: no array, no instance of a class, no proxy, nothing
 * made with `Object.create`. Objects of another realm (`node:vm`) are plain too.
 */
export function isBareObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isForeignRoot(prototype);
}

/** True for the `Object.prototype` of another realm, which nobody can make by hand. */
function isForeignRoot(prototype: unknown): boolean {
  if (typeof prototype !== 'object' || prototype === null || types.isProxy(prototype)) return false;
  if (Object.getPrototypeOf(prototype) !== null) return false;
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof made !== 'function' || types.isProxy(made)) return false;
  const own = Object.getOwnPropertyDescriptor(made, 'prototype');
  return (
    own?.value === prototype && own.writable === false && /^function Object\(\) \{\s*\[native code\]/.test(textOf(made))
  );
}

// oxlint-disable-next-line typescript/unbound-method -- applied to what may have a `toString` of its own
const functionText = Function.prototype.toString;

function textOf(made: object): string {
  const text: unknown = Reflect.apply(functionText, made, []);
  return typeof text === 'string' ? text : '';
}

/** True for objects that hold data and nothing else, also those of another realm (`node:vm`). */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Object.prototype of another realm, and nothing else that inherits from nothing: its fields would not be seen.
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}
