import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { messageOf } from '../../src/errors.js';
import { decodeStruct } from '../../src/wire/protobuf/struct-reader.js';
import { encodeStruct } from '../../src/wire/protobuf/struct-writer.js';

/** Bytes of texts of all lengths that are read in ways of their own; hardly any of them are not ASCII. */
const bytes = fc
  .tuple(
    fc.constantFrom(0, 1, 11, 12, 13, 47, 48, 49, 127, 128, 129, 130, 300, 5000),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('é', '€', '🙂', '\u{fffd}', '\u0000', 'a')), { maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x80, max: 0xff })), { maxLength: 1 }),
  )
  .map(([length, characters, damages]) => {
    const written = Buffer.alloc(length, 'ab');
    for (const [at, character] of characters) if (length > 0) written.write(character, at % length);
    for (const [at, byte] of damages) if (length > 0) written[at % length] = byte;
    return written;
  });

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('\ud83d', '\ude42', '\ude42\ud83d', '\ud83d\ude42'),
);

/** A Struct with one text as it stands in it: the key, or a value. */
function structOf(text: Buffer, place: 'key' | 'value'): Buffer {
  const field = (tag: number, content: Buffer): Buffer => {
    const head = [tag];
    let rest = content.length;
    for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
    head.push(rest);
    return Buffer.concat([Buffer.from(head), content]);
  };
  const key = field(0x0a, place === 'key' ? text : Buffer.from('key'));
  const value = field(0x12, field(0x1a, place === 'value' ? text : Buffer.from('value')));
  return field(0x0a, Buffer.concat([key, value]));
}

/** The same by the platform's own decoder, which knows no short texts and no long ones. */
function decoded(text: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return undefined;
  }
}

describe('a text of any length', () => {
  test.prop([bytes, fc.constantFrom('key' as const, 'value' as const)], { numRuns: 2000 })(
    'is read as what its bytes say in UTF-8, or refused where they are none',
    (text, place) => {
      const expected = decoded(text);
      let found: unknown;
      try {
        found = decodeStruct(structOf(text, place));
      } catch (error) {
        found = messageOf(error);
      }
      if (expected === undefined) expect(found).toBe('A google.protobuf.Struct is malformed: a text is not UTF-8');
      else expect(found).toEqual(place === 'key' ? { [expected]: 'value' } : { key: expected });
    },
  );

  test.prop([fc.nat({ max: 300 }), odd, fc.boolean()], { numRuns: 1000 })(
    'is written as its UTF-8, or refused where that cannot carry it',
    (length, strange, isFirst) => {
      const plain = 'x'.repeat(length);
      const text = isFirst ? strange + plain : plain + strange;
      let written: unknown;
      try {
        written = encodeStruct({ key: text });
      } catch (error) {
        written = messageOf(error);
      }
      if (/\p{Surrogate}/u.test(text)) expect(written).toMatch(/^value\.key: found half of a surrogate pair/);
      else expect(written).toEqual(structOf(Buffer.from(text), 'value'));
    },
  );
});
