import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { isBareObject } from '../../src/invocation/bare-object.js';
import { isPlainObject, isRecord } from '../../src/json/records.js';

const values: readonly [what: string, value: unknown, record: boolean, plain: boolean, bare: boolean][] = [
  ['an object', {}, true, true, true],
  ['an object without a prototype', Object.create(null), true, true, true],
  ['an object of another realm', runInNewContext('({})'), true, true, true],
  ['a proxy', new Proxy({}, {}), true, true, false],
  ['what inherits from a root made by hand', Object.create(rootMadeByHand()), true, true, false],
  ['what inherits from an object', Object.create({}), true, false, false],
  ['an instance of a class', new URL('http://a'), true, false, false],
  ['a map', new Map(), true, false, false],
  ['a list', [], false, false, false],
  ['null', null, false, false, false],
  ['a function', () => undefined, false, false, false],
];

it.each(values)(
  '%s is a record, a plain object, a bare object, or none of these',
  (_what, value, record, plain, bare) => {
    expect([isRecord(value), isPlainObject(value), isBareObject(value)]).toEqual([record, plain, bare]);
  },
);

/** Looks like the `Object.prototype` of another realm, and would give fields to what inherits from it. */
function rootMadeByHand(): object {
  return Object.setPrototypeOf({ isPrototypeOf: () => false, continueProcessing: true }, null);
}
