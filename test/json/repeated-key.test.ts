import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedKeyIn } from '../../src/json/repeated-key.js';

describe('a key that is there twice in JSON', () => {
  it.each<[string, number, number, (string | number)[]]>([
    ['{"a":1,"a":2}', 1, 7, ['a']],
    ['{"a": {"b": 1}, "c": [{}, {"b": 1, "d": "}", "b": 2}]}', 27, 45, ['c', 1, 'b']],
    ['{"a": 1, "\\u0061": 2}', 1, 9, ['a']],
    ['{"": 1, "b": ["x", "y"], "": 2}', 1, 25, ['']],
    ['{"__proto__": 1, "__proto__": 2}', 1, 17, ['__proto__']],
    ['[[0, 1], {"a": "\\"a\\": 1", "a": 1}]', 10, 27, [1, 'a']],
  ])('is found in %s', (json, first, offset, path) => {
    expect(repeatedKeyIn(json)).toEqual({ first, offset, path });
  });

  it.each(['{"a": {"a": {"a": ["a", "a", {"a": "a"}]}}}', '[{"a": 1}, {"a": 1}]', '"a"', '{"a": "\\\\", "b": "a"}'])(
    'is not found in %s',
    (json) => {
      expect(repeatedKeyIn(json)).toBeUndefined();
    },
  );

  it('is found in no text that was written of data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (data, indent) => {
        expect(repeatedKeyIn(JSON.stringify(data, undefined, indent))).toBeUndefined();
      }),
    );
  });

  it('is found wherever it was put', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(object, fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 5 }), fc.nat(), (data, way, pick) => {
        const keys = Object.keys(data);
        const key = keys[pick % keys.length] ?? '';
        const repeated = `${JSON.stringify(data).slice(0, -1)},${JSON.stringify(key)}:1}`;
        const json = way.reduceRight<string>(
          (inner, segment) =>
            typeof segment === 'number'
              ? `[${'"x",'.repeat(segment)}${inner}]`
              : `{${JSON.stringify(segment)}:${inner}}`,
          repeated,
        );
        expect(repeatedKeyIn(json)).toMatchObject({ path: [...way, key] });
      }),
    );
  });
});
