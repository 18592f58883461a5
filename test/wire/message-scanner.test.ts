import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type MessageOutline, MessageScanner } from '../../src/wire/framing/message-scanner.js';

function scan(text: string, pieceBytes = 1 << 20): MessageOutline[] {
  const outlines: MessageOutline[] = [];
  const scanner = new MessageScanner((outline) => outlines.push(outline));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) scanner.push(bytes.subarray(at, at + pieceBytes));
  scanner.end();
  return outlines;
}

const id = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.constant(null));
const member = fc.tuple(
  fc.oneof(fc.string(), fc.constantFrom('result', 'error', 'params', 'identity', 'i"d', '\\id')),
  fc.jsonValue(),
);
const message = fc
  .record({
    id: fc.option(id, { nil: undefined }),
    method: fc.boolean(),
    version: fc.boolean(),
    more: fc.array(member),
  })
  .chain(({ id: value, method, version, more }) => {
    const own = [
      ...(value === undefined ? [] : [['id', value] as const]),
      ...(method ? [['method', 'm'] as const] : []),
      ...(version ? [['jsonrpc', '2.0'] as const] : []),
    ];
    const known = new Set(['id', 'method', 'jsonrpc', '__proto__']);
    const members = [...own, ...more.filter(([name]) => !known.has(name))];
    return fc.shuffledSubarray(members, { minLength: members.length }).map((shuffled) => ({
      document: Object.fromEntries(shuffled),
      outline: {
        id: value === undefined ? undefined : JSON.parse(JSON.stringify(value)),
        hasMethod: method,
        hasVersion: version,
      },
    }));
  });

describe('what is told of a message without holding it', () => {
  test.prop([
    fc.array(message, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    fc.integer({ min: 1, max: 40 }),
    fc.nat(2),
  ])('is what reading it would tell, wherever it is cut', (messages, asBatch, pieceBytes, indent) => {
    const documents = messages.map(({ document }) => document);
    const text = JSON.stringify(asBatch ? documents : documents[0], null, indent);
    const expected = (asBatch ? messages : messages.slice(0, 1)).map(({ outline }) => outline);
    // An id that is longer than any of ours is nobody's.
    fc.pre(expected.every(({ id: value }) => Buffer.byteLength(JSON.stringify(value) ?? '') <= 256));
    expect(scan(text, pieceBytes)).toEqual(expected);
  });

  test.prop([fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 8 })])(
    'does not depend on the pieces, whatever the text',
    (text, pieceBytes) => {
      expect(scan(text, pieceBytes)).toEqual(scan(text));
    },
  );

  it.each([
    ['an id in what is inside', '{"jsonrpc":"2.0","result":{"id":7}}', undefined],
    ['an id in a list', '{"jsonrpc":"2.0","result":[{"id":7}]}', undefined],
    ['an id in a text', '{"jsonrpc":"2.0","result":"{\\"id\\":7,"}', undefined],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{"id":7}}', undefined],
    ['an id that is a list', '{"jsonrpc":"2.0","id":[7]}', undefined],
    ['an id that is far too long', `{"jsonrpc":"2.0","id":"${'7'.repeat(1000)}"}`, undefined],
    ['a value like a name', '{"jsonrpc":"2.0","x":"id","y":7}', undefined],
    ['a message that breaks off', '{"jsonrpc":"2.0","id":7,"result":{"te', 7],
    ['numbers that are not JSON', '{"jsonrpc":"2.0","result":{"n":-Infinity,"m":NaN},"id":7}', 7],
    ['a name in escapes', '{"jsonrpc":"2.0","\\u0069\\u0064":7}', 7],
    ['what is behind a byte order mark', '\uFEFF{"jsonrpc":"2.0","id":7}', 7],
  ])('is right about %s', (_name, text, expected) => {
    expect(scan(text, 1)).toEqual([{ id: expected, hasMethod: false, hasVersion: true }]);
  });

  it.each(['', 'x', 'sent {"jsonrpc":"2.0","id":7}', '"{\\"id\\":7}"', '7', ']}{"id":7}'])(
    'is nothing where there is no message: %s',
    (text) => {
      expect(scan(text)).toEqual([]);
    },
  );
});
