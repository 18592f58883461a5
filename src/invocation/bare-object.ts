import { types } from 'node:util';

/**
 * True for an object that inherits nothing but what every object does: no array, no instance of a class, no proxy, nothing
 * made with `Object.create`. Objects of another realm (`node:vm`) count. Stricter than `isPlainObject`, which looks at data
 * whose own properties are all that matters: nothing of a plugin's runs while its answer is looked at, and no prototype
 * made by hand gives it fields.
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
