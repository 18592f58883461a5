import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordKeys, recordText } from '../../src/hooks/execution-record.js';

/** As `cpex` cuts: 253 bytes of UTF-8, without what is left of a character, and an ellipsis. */
function cutByBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= 256) return text;
  let end = 253;
  while ((bytes.readUInt8(end) & 0b1100_0000) === 0b1000_0000) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}

describe('text in records', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc
      .tuple(fc.integer({ min: 240, max: 260 }), fc.string({ unit: 'grapheme', maxLength: 20 }))
      .map(([length, end]) => 'x'.repeat(length) + end),
  );

  it('has at most 256 bytes, and is cut between characters', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const told = recordText(text);
        expect(Buffer.byteLength(told)).toBeLessThanOrEqual(256);
        expect(told).toBe(cutByBytes(text));
      }),
    );
  });

  it('is whole up to 256 bytes', () => {
    expect(recordText('x'.repeat(256))).toBe('x'.repeat(256));
    expect(recordText('x'.repeat(257))).toBe(`${'x'.repeat(253)}…`);
    expect(recordText(`${'x'.repeat(252)}🙂🙂`)).toBe(`${'x'.repeat(252)}…`);
  });

  it('can always be written as UTF-8', () => {
    expect(recordText('\ud800')).toBe('\ufffd');
  });
});

it('of a configuration records have the names of its first 64 keys, and no values', () => {
  const keys = Array.from({ length: 70 }, (_, index) => `key_${index}`);
  expect(recordKeys(Object.fromEntries(keys.map((key) => [key, 'secret'])))).toEqual(keys.slice(0, 64));
  expect(recordKeys({ ['k'.repeat(300)]: 1 })).toEqual([`${'k'.repeat(253)}…`]);
  expect(recordKeys(undefined)).toEqual([]);
});
