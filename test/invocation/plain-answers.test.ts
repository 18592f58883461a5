import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PluginResult, pluginResultSchema, readStop } from '../../src/hooks/hook-result.js';
import { plainAnswer, saysNothing } from '../../src/invocation/plain-answer.js';
import { isNoOpAnswer } from '../../src/invocation/result-check.js';

const throwing = new Proxy(
  {},
  {
    getPrototypeOf() {
      throw new Error('not for you');
    },
  },
);
const leaf = fc.constantFrom<unknown>(
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -5,
  1e99,
  Number.NaN,
  '',
  'a',
  1n,
  [],
  {},
);
const odd = fc.constantFrom<unknown>('a proxy', new Date(0), Symbol('s'), Object.create({ reason: 'r' }), () => 1);
const held = fc.oneof(
  leaf,
  odd,
  fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), leaf, { maxKeys: 2, noNullPrototype: false }),
);
const text = fc.oneof({ arbitrary: fc.constantFrom('r', ''), weight: 6 }, { arbitrary: leaf, weight: 1 });
const violation = fc.record(
  {
    reason: text,
    description: text,
    code: text,
    details: held,
    pluginName: leaf,
    mcpErrorCode: leaf,
    httpStatusCode: leaf,
    httpHeaders: held,
    more: leaf,
  },
  { requiredKeys: ['reason', 'description'] },
);
const parts = {
  continueProcessing: fc.oneof(fc.boolean(), leaf),
  modifiedPayload: held,
  modifiedExtensions: leaf,
  violation: fc.oneof(violation, held),
  metadata: held,
  denialMetadata: held,
  httpHeaders: held,
  retryDelayMs: leaf,
};
/** Few parts at a time, because one that does not fit decides. */
const answer = fc
  .tuple(fc.record(parts), fc.subarray(Object.keys(parts), { maxLength: 3 }))
  .map(([all, some]) => Object.fromEntries(Object.entries(all).filter(([key]) => some.includes(key))));

/** What is told of a result that nothing but the schema has read. */
function readBySchema(given: object): PluginResult | 'refused' {
  try {
    const dropped: string[] = [];
    if ('continueProcessing' in given && given.continueProcessing === false) {
      const stop = readStop(given, (field) => dropped.push(field));
      return dropped.length > 0 ? 'refused' : stop;
    }
    const parsed = pluginResultSchema.strict().safeParse(given);
    return parsed.success ? parsed.data : 'refused';
  } catch {
    return 'refused';
  }
}

function saysNoMore({ continueProcessing, metadata, retryDelayMs, ...rest }: PluginResult): boolean {
  return (
    continueProcessing !== false &&
    Object.keys(metadata ?? {}).length === 0 &&
    (retryDelayMs ?? 0) === 0 &&
    Object.values(rest).every((value) => value === undefined)
  );
}

test('what is read without the schema is what the schema lets through, and comes out the same', () => {
  let read = 0;
  fc.assert(
    fc.property(answer, (printed) => {
      // fast-check could not print it.
      const given = Object.fromEntries(
        Object.entries(printed).map(([key, value]) => [key, value === 'a proxy' ? throwing : value]),
      );
      const plain = plainAnswer(given);
      if (plain === undefined) return;
      read++;
      const expected = readBySchema(given);
      if (expected === 'refused') throw new Error('the schema refuses it');
      if (plain === saysNothing) expect(saysNoMore(expected)).toBe(true);
      else {
        expect(Object.is(plain.modifiedPayload, expected.modifiedPayload)).toBe(true);
        expect({ ...plain, modifiedPayload: 0 }).toEqual({ ...expected, modifiedPayload: 0 });
      }
    }),
    { numRuns: 5000 },
  );
  expect(read).toBeGreaterThan(200);
});

test('what plugins answer is read without the schema', () => {
  const block = { reason: 'r', description: 'd', code: 'c' };
  for (const [given, read] of [
    [{ modifiedPayload: { a: 1 } }, { modifiedPayload: { a: 1 } }],
    [
      { continueProcessing: true, metadata: { a: 1 } },
      { continueProcessing: true, metadata: { a: 1 } },
    ],
    [
      { continueProcessing: false, violation: block },
      { continueProcessing: false, violation: block },
    ],
    [{ violation: { ...block, details: { a: 1 }, more: 1 } }, { violation: { ...block, details: { a: 1 } } }],
    [{ retryDelayMs: -1 }, { retryDelayMs: 0 }],
  ] as const) {
    expect(plainAnswer(given)).toEqual(read);
  }
  for (const part of [{ httpHeaders: { a: 1 } }, { mcpErrorCode: 1.5 }, { httpStatusCode: 'x' }, { pluginName: 1 }])
    expect(plainAnswer({ violation: { ...block, ...part } })).toBe(undefined);
  for (const quiet of [{}, { continueProcessing: true, metadata: {} }, { violation: null, retryDelayMs: 0 }])
    expect(plainAnswer(quiet)).toBe(saysNothing);
});

test('nothing that is no data is read without the schema', () => {
  const symbol = { continueProcessing: true, [Symbol('s')]: 1 };
  const getter = {
    get continueProcessing() {
      return true;
    },
  };
  const setter = Object.defineProperty({}, 'metadata', { set() {}, enumerable: true });
  const hidden = Object.defineProperty({}, 'continueProcesing', { value: false });
  for (const given of [symbol, getter, setter, hidden, { __proto__: null, continueProcesing: false }])
    expect(plainAnswer(given)).toBe(undefined);
});

/** An answer of few fields, with what it inherits, perhaps behind a proxy. */
const curious = fc.record({
  prototype: fc.oneof(
    { arbitrary: fc.constant(Object.prototype), weight: 4 },
    { arbitrary: fc.constantFrom<object | null>(null, Array.prototype, { continueProcessing: true }), weight: 1 },
  ),
  fields: fc.uniqueArray(
    fc.record({
      key: fc.constantFrom('continueProcessing', 'continueProcessing', 'continueProcesing', 'violation', '__proto__'),
      value: fc.constantFrom<unknown>(true, true, true, false, undefined, 1, 'true'),
      kind: fc.constantFrom('data', 'data', 'data', 'hidden', 'getter', 'setter', 'both'),
    }),
    { maxLength: 2, selector: ({ key }) => key },
  ),
  isProxy: fc.oneof({ arbitrary: fc.constant(false), weight: 6 }, { arbitrary: fc.boolean(), weight: 1 }),
});

test('an answer goes on without a check where its one own field is data and true, and nothing of it is run to see that', () => {
  let went = 0;
  fc.assert(
    fc.property(curious, ({ prototype, fields, isProxy }) => {
      let hasRun = false;
      const get = (): boolean => (hasRun = true);
      const set = (): void => undefined;
      const plain: object = Object.create(prototype);
      for (const { key, value, kind } of fields) {
        const accessors = { ...(kind !== 'setter' && { get }), ...(kind !== 'getter' && { set }) };
        const isData = kind === 'data' || kind === 'hidden';
        const own = isData ? { value, enumerable: kind === 'data' } : { ...accessors, enumerable: true };
        Object.defineProperty(plain, key, { ...own, configurable: true });
      }
      const [first] = fields;
      const isOne = fields.length === 1 && first?.key === 'continueProcessing' && first.value === true;
      const isData = first?.kind === 'data' || first?.kind === 'hidden';
      const expected = isOne && isData && prototype === Object.prototype && !isProxy;
      const ran = (): boolean => (hasRun = true);
      const given = isProxy ? new Proxy(plain, { get: ran, ownKeys: () => [String(ran())] }) : plain;
      expect(isNoOpAnswer(given)).toBe(expected);
      expect(hasRun).toBe(false);
      if (expected) went++;
    }),
    { numRuns: 5000 },
  );
  expect(went).toBeGreaterThan(100);
  for (const nothing of [undefined, null]) expect(isNoOpAnswer(nothing)).toBe(true);
  for (const odd of [true, false, 0, '', 'go on', [], [true], () => true, Symbol('s')])
    expect(isNoOpAnswer(odd)).toBe(false);
});
