import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { frozenCopy } from '../../src/hooks/payload-copy.js';
import { applyPolicy, type PayloadPolicy } from '../../src/hooks/payload-policy.js';

type Fields = Readonly<Record<string, unknown>>;

/** The policy as one writes it down: each field compared in full. */
function comparedInFull(before: Fields, after: Fields, policy: PayloadPolicy, emptyIsAbsent: readonly string[]) {
  const payload: Record<string, unknown> = { ...before };
  const refused: string[] = [];
  let changed = false;
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const missing = emptyIsAbsent.includes(field) ? {} : undefined;
    const [was, is] = [before[field], after[field]].map((value) => (value === undefined ? missing : value));
    if (isDeepStrictEqual(was, is)) continue;
    if (!policy.writable.includes(field)) {
      refused.push(field);
      continue;
    }
    changed = true;
    if (after[field] === undefined) delete payload[field];
    else payload[field] = after[field];
  }
  return { payload: changed ? payload : undefined, refused };
}

const leaf = fc.constantFrom<unknown>(0, -0, 1, Number.NaN, '', 'a', true, null, undefined, 1n);
const held = fc.oneof(
  leaf,
  fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), leaf, { maxKeys: 2, noNullPrototype: true }),
  fc.array(leaf, { maxLength: 2 }),
  fc.constantFrom<unknown>(new Date(0), new Map(), {}, { a: { b: 1 } }, { a: { b: 2 } }),
);
const names = ['name', 'args', 'more', 'toString'];
const fields = fc.dictionary(fc.constantFrom(...names), held, { noNullPrototype: true });
const some = fc.subarray(names);

test('what a policy leaves of a change is what comparing all of it in full leaves', () => {
  fc.assert(
    fc.property(fields, fields, some, some, fc.boolean(), (before, wanted, writable, emptyIsAbsent, shares) => {
      const after = shares ? { ...before, ...wanted } : wanted;
      const left = applyPolicy(before, after, { writable }, emptyIsAbsent);
      const expected = comparedInFull(before, after, { writable }, emptyIsAbsent);
      expect(left).toStrictEqual(expected);
      expect(Object.keys(left.payload ?? {})).toEqual(Object.keys(expected.payload ?? {}));
    }),
    { numRuns: 5000 },
  );
});

test('what is no number is no change', () => {
  const [before, after] = [{ args: { a: Number.NaN } }, { args: { a: Number.NaN } }];
  expect(applyPolicy(before, after, { writable: [] })).toEqual({ payload: undefined, refused: [] });
});

test('a large part that stays is not looked at', () => {
  let looks = 0;
  const watched = new Proxy({}, { ownKeys: (target) => (looks++, Reflect.ownKeys(target)) });
  const documents = frozenCopy([1, 2, 3]).value;
  const before = { name: 'n', args: { documents, watched } };
  const after = { name: 'n', args: { documents, watched, more: 1 } };
  expect(applyPolicy(before, after, { writable: ['args'] }).payload).toStrictEqual(after);
  expect(looks).toBe(0);
});

test('what is taken with all its changes is taken as it is', () => {
  const before = { name: 'n', args: { query: 'a' } };
  const after = { name: 'n', args: { query: 'b' } };
  expect(applyPolicy(before, after, { writable: ['args'] }).payload).toBe(after);
});
