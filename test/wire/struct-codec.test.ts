import { fc, test } from '@fast-check/vitest';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatechartError } from '../../src/errors.js';
import { decodeStruct } from '../../src/wire/protobuf/struct-reader.js';
import { encodeStruct, withStructWriter } from '../../src/wire/protobuf/struct-writer.js';

const described = protobuf.common.get('google/protobuf/struct.proto');
if (described === null) throw new Error('protobufjs does not bring google/protobuf/struct.proto');
/** The Struct of protobufjs: written by others, so it does not share our mistakes. */
const theirs = protobuf.Root.fromJSON(described).lookupType('google.protobuf.Struct');

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 80 }));
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
);
const { value: json } = fc.letrec<{ value: Json; object: Record<string, Json> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('value'), { maxLength: 8 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', '0', '')),
    tie('value'),
    {
      maxKeys: 8,
      noNullPrototype: true,
    },
  ),
}));
const object = fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'name')), json, { noNullPrototype: true });

function toTheirs(value: Json): Record<string, unknown> {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toTheirs) } };
  return { structValue: structToTheirs(value) };
}

function structToTheirs(record: Record<string, Json>): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(record)) define(fields, key, toTheirs(record[key] ?? null));
  return { fields };
}

const anyMessage = z.record(z.string(), z.unknown());

function fromTheirs(value: unknown): Json {
  const message = anyMessage.parse(
    theirValue.toObject(value as protobuf.Message, { arrays: true, objects: true, oneofs: true }),
  );
  switch (message['kind']) {
    case 'stringValue':
    case 'numberValue':
    case 'boolValue':
      return z.union([z.string(), z.number(), z.boolean()]).parse(message[message['kind']]);
    case 'structValue':
      return structFromTheirs((value as { structValue: unknown }).structValue);
    case 'listValue':
      return (value as { listValue: { values: unknown[] } }).listValue.values.map(fromTheirs);
    default:
      return null;
  }
}

const theirValue = theirs.root.lookupType('google.protobuf.Value');

function structFromTheirs(struct: unknown): Record<string, Json> {
  const { fields } = struct as { fields: Record<string, unknown> };
  const record: Record<string, Json> = {};
  for (const key of Object.keys(fields)) define(record, key, fromTheirs(fields[key]));
  return record;
}

function define(record: object, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
}

/** The same for -0 and for own `__proto__` keys, which matchers overlook. */
function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 'minus zero' : value;
  return new Map(Object.keys(value).map((key) => [key, flat(Reflect.get(value, key))]));
}

const problemOf = (run: () => unknown): { code: string; message: string } => {
  try {
    run();
  } catch (error) {
    if (error instanceof GatechartError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('a Struct', () => {
  test.prop([object], { numRuns: 500 })('says after decoding what was encoded', (value) => {
    expect(flat(decodeStruct(encodeStruct(value)))).toEqual(flat(value));
  });

  test.prop([object], { numRuns: 500 })('is read by protobufjs as it was meant', (value) => {
    expect(flat(structFromTheirs(theirs.decode(encodeStruct(value))))).toEqual(flat(value));
  });

  test.prop([object], { numRuns: 500 })('that protobufjs wrote is read as it was meant', (value) => {
    expect(flat(decodeStruct(theirs.encode(structToTheirs(value)).finish()))).toEqual(flat(value));
  });

  test.prop([object])('has the size that protobufjs gives it', (value) => {
    expect(encodeStruct(value).length).toBe(theirs.encode(structToTheirs(value)).finish().length);
  });

  test.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 2000 })(
    'that is no Struct is a protocol error and nothing else',
    (bytes) => {
      try {
        decodeStruct(bytes);
      } catch (error) {
        expect(error).toMatchObject({
          code: 'PROTOCOL_ERROR',
          message: expect.stringMatching(/^A google.protobuf.Struct is/),
        });
      }
    },
  );

  test.prop([object, fc.nat(), fc.nat({ max: 255 }), fc.boolean()], { numRuns: 1000 })(
    'that was damaged on the way is read or is a protocol error, and protobufjs agrees on what it says',
    (value, where, byte, cut) => {
      const bytes = Uint8Array.from(encodeStruct(value));
      fc.pre(bytes.length > 0);
      const damaged = cut ? bytes.subarray(0, where % bytes.length) : bytes;
      if (!cut) damaged[where % bytes.length] = byte;
      let ours: unknown;
      try {
        ours = decodeStruct(damaged);
      } catch (error) {
        expect(error).toMatchObject({ code: 'PROTOCOL_ERROR' });
        return;
      }
      expect(flat(structFromTheirs(theirs.decode(damaged)))).toEqual(flat(ours));
    },
  );
});

describe('what cannot be sent unchanged is refused with its path', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    [
      'a big integer',
      { args: { id: 2n ** 60n } },
      'payload.args.id: found the big integer 1152921504606846976, expected a number; send it as a string',
    ],
    [
      'an integer beyond 2^53',
      { ids: [1, 2 ** 53] },
      'payload.ids[1]: found the integer 9007199254740992, which is beyond 2^53 and would lose digits; send it as a string',
    ],
    ['NaN', { a: { b: [{ c: Number.NaN }] } }, 'payload.a.b[0].c: found NaN, expected a finite number'],
    ['infinity', { a: -Infinity }, 'payload.a: found -Infinity, expected a finite number'],
    [
      'half a surrogate pair',
      { a: '\ud800' },
      'payload.a: found half of a surrogate pair, expected text that UTF-8 can carry',
    ],
    [
      'half a surrogate pair in a key',
      { 'x\udfff': 1 },
      'payload: found a key with half of a surrogate pair, expected text that UTF-8 can carry',
    ],
  ];
  it.each(cases)('%s', (_name, value, message) => {
    expect(problemOf(() => encodeStruct(value, 'payload'))).toEqual({ code: 'PAYLOAD_INVALID', message });
  });

  it('a circle, as nesting without end', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(problemOf(() => encodeStruct(circle, 'payload')).message).toMatch(/^payload\.self\.self.*nested too deeply/);
  });

  it('more than 16 MiB, without taking much more memory', () => {
    const value = { text: 'x'.repeat(9 * 1024 * 1024), more: 'y'.repeat(9 * 1024 * 1024) };
    expect(problemOf(() => encodeStruct(value, 'payload'))).toEqual({
      code: 'PAYLOAD_TOO_LARGE',
      message:
        'payload: found an object of more than 16777216 bytes, the most that one message may have on this transport',
    });
  });
});

describe('nesting', () => {
  const nested = (levels: number): Record<string, unknown> => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) });
  const nestedLists = (levels: number): unknown => (levels === 0 ? 1 : [nestedLists(levels - 1)]);

  it('is written as deep as other implementations read', () => {
    expect(decodeStruct(encodeStruct(nested(33)))).toEqual(nested(33));
    expect(problemOf(() => encodeStruct(nested(34))).message).toContain('nested too deeply');
    expect(decodeStruct(encodeStruct({ a: nestedLists(48) }))).toEqual({ a: nestedLists(48) });
    expect(problemOf(() => encodeStruct({ a: nestedLists(50) })).message).toContain('nested too deeply');
  });

  it('counts the messages that the Struct is in', () => {
    expect(withStructWriter((writer) => writer.write(nested(32), 'state', 2).length)).toBeGreaterThan(0);
    expect(problemOf(() => withStructWriter((writer) => writer.write(nested(33), 'state', 2))).message).toMatch(
      /^state\./,
    );
  });

  it('is read deeper than it is written, but not without end', () => {
    const wrap = (bytes: Uint8Array): Uint8Array =>
      theirs.encode({ fields: { a: { structValue: theirs.decode(bytes) } } }).finish();
    let bytes = encodeStruct({ a: 1 });
    for (let level = 0; level < 90; level++) bytes = wrapBytes(bytes);
    expect(decodeStruct(bytes)).toHaveProperty(Array.from({ length: 91 }, () => 'a').join('.'), 1);
    expect(decodeStruct(wrap(encodeStruct({ a: 1 })))).toEqual({ a: { a: 1 } });
    for (let level = 0; level < 10_000; level++) bytes = wrapBytes(bytes);
    expect(problemOf(() => decodeStruct(bytes))).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });
});

it('leaves out what JSON leaves out, and asks toJSON as JSON does', () => {
  const value = { gone: undefined, run: () => 1, kept: [undefined, null, () => 1], at: new Date(0), [Symbol('s')]: 1 };
  expect(decodeStruct(encodeStruct(value))).toEqual(JSON.parse(JSON.stringify(value)));
});

it('can be written while another is being written', () => {
  const inner = { toJSON: () => Buffer.from(encodeStruct({ b: 1 })).toString('hex') };
  expect(decodeStruct(encodeStruct({ a: 'before', inner, z: 'after' }))).toEqual({
    a: 'before',
    inner: Buffer.from(encodeStruct({ b: 1 })).toString('hex'),
    z: 'after',
  });
});

it('grows beyond its first buffer without losing what was written', () => {
  const value = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`key ${index}`, `välue ${index}`.repeat(5)]),
  );
  expect(decodeStruct(encodeStruct(value))).toEqual(value);
});

/** One more object around an encoded one, by hand: no implementation writes that deep. */
function wrapBytes(struct: Uint8Array): Uint8Array {
  const field = (tag: number, content: Uint8Array): Uint8Array =>
    protobuf.Writer.create().uint32(tag).bytes(content).finish();
  const value = field(0x2a, struct);
  return field(0x0a, Buffer.concat([Buffer.from([0x0a, 1, 0x61]), field(0x12, value)]));
}
