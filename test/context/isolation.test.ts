import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyChanges, IsolatedRecord } from '../../src/context/isolated-record.js';
import { frozenCopy } from '../../src/hooks/payload-copy.js';
import { maxPayloadDepth } from '../../src/hooks/payload-measure.js';

const { plain } = fc.letrec<{ plain: unknown; record: Record<string, unknown> }>((tie) => ({
  record: fc.dictionary(fc.string(), tie('plain'), { maxKeys: 4, noNullPrototype: true }),
  plain: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
    fc.array(tie('plain'), { maxLength: 4 }),
    tie('record'),
  ),
}));
const record = fc.dictionary(fc.constantFrom('a', 'b', 'c'), plain, { noNullPrototype: true });

function everythingIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(everythingIn)];
}

test('a frozen copy equals its original, shares nothing with it and is frozen at every depth', () => {
  fc.assert(
    fc.property(plain, (original) => {
      const { value } = frozenCopy(original);
      expect(value).toEqual(original);
      const originals = new Set(everythingIn(original));
      for (const part of everythingIn(value)) {
        expect(Object.isFrozen(part)).toBe(true);
        expect(originals.has(part)).toBe(false);
      }
    }),
  );
});

test('a frozen copy keeps keys that look like prototypes, and refuses what contains itself', () => {
  const original: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
  const { value } = frozenCopy(original);
  expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
  expect(Reflect.get({}, 'polluted')).toBe(undefined);
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  expect(() => frozenCopy(cyclic)).toThrow(`is nested deeper than ${maxPayloadDepth} levels or contains itself`);
});

type Edit =
  | { readonly do: 'set'; readonly path: readonly string[]; readonly value: unknown }
  | { readonly do: 'delete'; readonly path: readonly string[] }
  | { readonly do: 'replace'; readonly value: Record<string, unknown> };

const path = fc.array(fc.constantFrom('a', 'b', 'c', '0', '1'), { minLength: 1, maxLength: 3 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), path, value: plain }),
  fc.record({ do: fc.constant('delete' as const), path }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), value: record }) },
);

/** Follows a path as far as it goes through records; arrays are written to through `set` of an index that exists. */
function write(root: Record<string, unknown>, edit: Exclude<Edit, { do: 'replace' }>): void {
  const keys = [...edit.path];
  const last = keys.pop() ?? '';
  let at: unknown = root;
  for (const key of keys)
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined;
  if (typeof at !== 'object' || at === null) return;
  if (Array.isArray(at) && (edit.do === 'delete' || Number(last) >= at.length || Number.isNaN(Number(last)))) return;
  if (edit.do === 'delete') Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, structuredClone(edit.value));
}

test('an isolated record behaves like a deep copy that is written back at the end', () => {
  fc.assert(
    fc.property(record, fc.array(edit, { maxLength: 8 }), (original, edits) => {
      const shown = structuredClone(original);
      let naive = structuredClone(original);
      const isolated = new IsolatedRecord(shown);
      for (const one of edits) {
        if (one.do === 'replace') {
          isolated.value = structuredClone(one.value);
          naive = structuredClone(one.value);
        } else {
          write(isolated.value, one);
          write(naive, one);
        }
        expect(isolated.value).toEqual(naive);
        expect(shown).toEqual(original);
      }
      const changes = isolated.finish();
      expect(shown).toEqual(original);
      if (changes !== undefined) applyChanges(shown, changes);
      expect(shown).toEqual(naive);
    }),
    { numRuns: 500 },
  );
});

/** Too much for a record to be copied outright: it is drafted. */
const large = Array.from({ length: 40 }, (_, index) => index);

test('a small record, which is copied, is written back as a large one, which is drafted', () => {
  fc.assert(
    fc.property(record, fc.array(edit, { maxLength: 8 }), (original, edits) => {
      const [copied, drafted] = [{}, { large }].map((more) => {
        const shown = { ...structuredClone(original), ...more };
        const isolated = new IsolatedRecord(shown);
        for (const one of edits) {
          if (one.do === 'replace') isolated.value = { ...structuredClone(one.value), ...more };
          else write(isolated.value, one);
        }
        const changes = isolated.finish();
        if (changes !== undefined) applyChanges(shown, changes);
        return shown;
      });
      expect({ ...copied, large }).toEqual(drafted);
    }),
    { numRuns: 500 },
  );
});

test('of a small record only what was written is written back, whatever becomes of the rest meanwhile', () => {
  const shown: Record<string, unknown> = { a: { n: 1, list: [1] }, b: { n: 1 } };
  const isolated = new IsolatedRecord(shown);
  const { a, b } = isolated.value;
  Object.assign(a as object, { n: 2 });
  Object.assign(shown['b'] as object, { n: 3 });
  expect(b).toEqual({ n: 1 });
  const changes = isolated.finish();
  expect(Object.keys(changes?.set ?? {})).toEqual(['a']);
  expect(changes?.deleted).toEqual([]);
  Object.assign(a as object, { n: 4 });
  expect(changes?.set['a']).toEqual({ n: 2, list: [1] });
  expect(shown['a']).toEqual({ n: 1, list: [1] });
});

test('of a record that is replaced unseen, what is not what it was is written back, and what is no more is deleted', () => {
  const shown = { kept: 1, nested: { n: 1 }, gone: 1 };
  const isolated = new IsolatedRecord(shown);
  const next = { kept: 1, nested: { n: 1 }, added: 2 };
  isolated.value = next;
  next.added = 3;
  const changes = isolated.finish();
  next.nested.n = 2;
  expect(changes).toEqual({ set: { nested: { n: 1 }, added: 2 }, deleted: ['gone'] });
  expect(shown).toEqual({ kept: 1, nested: { n: 1 }, gone: 1 });
});

test('what is no plain data stays the same object to a plugin, and a getter that throws hurts its reader alone', () => {
  const date = new Date(0);
  const shown: Record<string, unknown> = {
    date,
    nested: {
      get broken() {
        throw new Error('not now');
      },
      n: 1,
    },
  };
  const isolated = new IsolatedRecord(shown);
  expect(isolated.value['date']).toBe(date);
  expect(Reflect.get(isolated.value['nested'] as object, 'n')).toBe(1);
  expect(() => Reflect.get(isolated.value['nested'] as object, 'broken') as unknown).toThrow('not now');
  expect(isolated.finish()).toBe(undefined);
});

test('what is written again as it was is written, small or large', () => {
  for (const more of [{}, { large }]) {
    const isolated = new IsolatedRecord({ a: { n: 1 }, b: [{}], c: 1, ...more });
    isolated.value['a'] = { n: 1 };
    isolated.value['b'] = [{}];
    isolated.value['c'] = 1;
    expect(isolated.finish()?.set).toMatchObject({ a: { n: 1 }, b: [{}] });
  }
});

test('a list that grows and a key of which nothing is known but its name are written, small or large', () => {
  for (const more of [{}, { large }]) {
    const isolated = new IsolatedRecord({ list: [1], ...more });
    (isolated.value['list'] as unknown[]).push(2);
    isolated.value['named'] = undefined;
    const set = isolated.finish()?.set ?? {};
    expect(set['list']).toEqual([1, 2]);
    expect(Object.hasOwn(set, 'named')).toBe(true);
  }
});
