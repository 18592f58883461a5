import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FrozenPart } from '../../src/hooks/frozen-part.js';
import { copyWithin, frozenCopy, type PayloadFields } from '../../src/hooks/payload-copy.js';
import { countedCopy } from '../fixtures/hooks/counted-copy.js';

const headers: PayloadFields = new Map([
  ['name', { nullIsAbsent: false, isHeaders: false }],
  ['args', { nullIsAbsent: true, isHeaders: false }],
  ['headers', { nullIsAbsent: true, isHeaders: true }],
]);

class Live {
  constructor(readonly held: unknown) {}
}

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 9, 10, 99, 100, -999, 1000, 99_999, 999_999, 1e6, -1e6, 1e21, 0.1, -1.5, Number.NaN),
);
const text = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('', '__proto__', 'length', 'X-A', 'x-a'));

/** Anything, with parts that were copied before, and some of these inside of others. */
const { value } = fc.letrec<{ value: unknown; record: Record<string, unknown>; known: unknown }>((tie) => ({
  record: fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: false }),
  known: tie('value').map((part) => copied(part)),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(
      text,
      number,
      fc.boolean(),
      fc.bigInt(),
      fc.constantFrom(null, undefined, Symbol('s'), () => 1),
    ),
    fc.array(tie('value'), { maxLength: 6 }),
    tie('record'),
    { arbitrary: tie('known'), weight: 2 },
    tie('known').map((part) => ({ part, again: [part, part] })),
    fc.oneof(
      text.map((held) => new Live(held)),
      fc.uint8Array({ maxLength: 5 }),
      fc.array(text, { maxLength: 3 }).map((held) => new Set(held)),
      fc.constant(new Date(0)),
    ),
  ),
}));
const limit = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 2000 }), fc.constant(Infinity));

function copied(part: unknown): unknown {
  const all = copyWithin([part, Array.from({ length: 16 }, () => 1)], 100_000);
  return 'refused' in all ? part : (all.value as unknown[])[0];
}

function partsOf(whole: unknown): object[] {
  if (typeof whole !== 'object' || whole === null) return [];
  const isPlain = Array.isArray(whole) || [Object.prototype, null].includes(Object.getPrototypeOf(whole));
  return isPlain ? [whole, ...Object.values(whole).flatMap(partsOf)] : [];
}

/** What comes of a copy, but for what only one of both tells. */
function outcomeOf(copy: object): object {
  return 'refused' in copy ? copy : { value: 'value' in copy && copy.value };
}

test('a copy that shares parts is that of all parts, and refuses the same with the same figures', () => {
  fc.assert(
    fc.property(value, limit, fc.option(fc.constant(headers), { nil: undefined }), (whole, most, fields) => {
      const given = fields === undefined ? whole : { name: 'n', args: whole, headers: whole, more: whole };
      const mine = copyWithin(given, most, fields);
      expect(outcomeOf(mine)).toStrictEqual(outcomeOf(countedCopy(given, most, fields)));
      if ('refused' in mine) return;
      for (const part of partsOf(mine.value)) expect(Object.isFrozen(part)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a limit is met to the character', () => {
  fc.assert(
    fc.property(value, (whole) => {
      const all = countedCopy(whole, Infinity);
      if ('refused' in all) return;
      expect(copyWithin(whole, all.size)).toHaveProperty('value');
      if (all.size === 0) return;
      expect(outcomeOf(copyWithin(whole, all.size - 1))).toStrictEqual(outcomeOf(countedCopy(whole, all.size - 1)));
      expect(copyWithin(whole, all.size - 1)).toMatchObject({ refused: 'size' });
    }),
    { numRuns: 1000 },
  );
});

describe('what was copied before', () => {
  const documents = (count = 20): unknown[] =>
    Array.from({ length: count }, (_, index) => ({ index, half: index / 3 }));

  it('is shared, also in what is new around it', () => {
    const first = frozenCopy({ documents: documents(), filters: { year: 2026 } }).value as Record<string, unknown>;
    const second = frozenCopy({ ...first, filters: { year: 2027 } }).value as Record<string, unknown>;
    expect(second['documents']).toBe(first['documents']);
    expect(frozenCopy([second]).value).toStrictEqual([{ documents: documents(), filters: { year: 2027 } }]);
    expect((frozenCopy([second]).value as unknown[])[0]).toBe(second);
  });

  it('is shared where it is small and near the top, beside what a plugin changes', () => {
    const filters = { region: 'emea', year: 2026, archived: false, owner: null };
    const payload = { args: { query: 'a', filters, deep: [{ filters }] } };
    const first = frozenCopy(payload).value as typeof payload;
    const second = frozenCopy({ args: { ...first.args, query: 'b' } }).value as typeof payload;
    expect(second.args.filters).toBe(first.args.filters);
    expect(second.args.deep).toBe(first.args.deep);
    expect(first.args.filters).not.toBe(filters);
  });

  it('is nothing that others froze', () => {
    const inner = { word: 'before' };
    const frozen = Object.freeze([...documents(), inner]);
    const taken = frozenCopy(frozen).value as readonly unknown[];
    inner.word = 'after';
    expect(taken).not.toBe(frozen);
    expect(taken.at(-1)).toEqual({ word: 'before' });
  });

  it('is no copy that others made of it, nor a proxy of it', () => {
    const known = frozenCopy({ a: documents(), b: 1 }).value as Record<string, unknown>;
    expect(FrozenPart.measureOf(known)).toBeDefined();
    const others = [{ ...known }, Object.assign({}, known), Object.create(known), structuredClone(known)];
    for (const other of [...others, new Proxy(known, {})])
      expect(FrozenPart.measureOf(other as object)).toBe(undefined);
  });

  it('is copied again where something in it may have grown', () => {
    const held: string[] = [];
    const known = frozenCopy([...Array.from({ length: 20 }, () => 1), new Live(held)]).value;
    const { size } = countedCopy(known, Infinity) as { size: number };
    held.push('x'.repeat(100));
    expect(copyWithin([known], size + 10)).toStrictEqual(countedCopy([known], size + 10));
    expect(copyWithin([known], size + 10)).toMatchObject({ refused: 'size' });
  });

  it('counts as deep as it is', () => {
    const deep = (levels: number, inside: unknown): unknown => {
      let all = inside;
      for (let level = 0; level < levels; level++) all = [all];
      return all;
    };
    const known = frozenCopy(deep(300, documents())).value;
    // What holds it is known itself; what comes after it is less deep.
    const around = frozenCopy([known, documents(), 1]).value;
    expect(copyWithin(deep(198, around), Infinity)).toHaveProperty('value');
    expect(copyWithin(deep(199, around), Infinity)).toEqual(countedCopy(deep(199, around), Infinity));
    expect(copyWithin(deep(199, around), Infinity)).toHaveProperty(
      'problem',
      'is nested deeper than 500 levels or contains itself',
    );
  });

  it('counts to the character', () => {
    const known = frozenCopy({ documents: documents() }).value;
    const around = frozenCopy([known, ...Array.from({ length: 20 }, () => 1)]).value;
    const { size } = countedCopy(around, Infinity) as { size: number };
    expect(copyWithin([around], size)).toHaveProperty('value');
    expect(copyWithin([around], size - 1)).toEqual({ refused: 'size', size });
    const text = 'x'.repeat(1000);
    expect(copyWithin([around, text], size + 1000)).toHaveProperty('value');
    expect(copyWithin([around, text, 'y'], size + 1000)).toEqual({ refused: 'size', size: size + 1001 });
  });

  it('counts all the objects in it', () => {
    const known = frozenCopy(Array.from({ length: 333_332 }, () => ({}))).value;
    const most = [known, known, known];
    expect(copyWithin(most, Infinity)).toHaveProperty('value');
    expect(copyWithin([[known], known, known], Infinity)).toEqual({
      refused: 'data',
      problem: 'has more than 1000000 objects or contains itself',
    });
  });

  it('is refused where a longer list may be', () => {
    const known = copyWithin(
      Array.from({ length: 1_000_001 }, () => 1),
      2_000_000,
    );
    expect(known).toHaveProperty('value');
    expect(() => frozenCopy('value' in known && known.value)).toThrow('has a list of more than 1000000 elements');
  });
});
