import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createParser } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { EventStream } from '../../src/transports/http/events/event-stream.js';
import { isWireMessage, type WireMessage } from '../../src/transports/mcp/json-rpc.js';
import type { MessageOutline } from '../../src/wire/framing/message-scanner.js';

class Heard {
  readonly messages: WireMessage[] = [];
  readonly strays: string[] = [];
  readonly tooLarge: (MessageOutline | undefined)[] = [];
  readonly stream: EventStream;

  constructor(maxEventBytes = 1000) {
    this.stream = new EventStream({
      maxEventBytes,
      onMessages: (messages) => this.messages.push(...messages),
      onStray: (data) => this.strays.push(data),
      onTooLarge: (outline) => this.tooLarge.push(outline),
    });
  }

  push(...pieces: (string | Buffer)[]): this {
    for (const piece of pieces) this.stream.push(Buffer.from(piece));
    return this;
  }
}

const message = (id: number): string => `{"jsonrpc":"2.0","id":${id},"result":{"text":"Grüße 漢字"}}`;

/** A stream in pieces of any size, cut in the middle of characters and line ends as well. */
const pieces = (bytes: Buffer): fc.Arbitrary<Buffer[]> =>
  fc.uniqueArray(fc.nat({ max: bytes.length }), { maxLength: 20 }).map((cuts) => {
    const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
    return at.slice(1).map((end, nth) => bytes.subarray(at[nth], end));
  });

test('reads any stream as the standard says, however it comes in pieces', () => {
  const lineEnd = fc.constantFrom('\n', '\r', '\r\n');
  const line = fc.oneof(
    fc.constant(''),
    fc.constantFrom('data', 'data:', 'data: ', ':', ': comment', 'event: message', 'event: other', 'unknown: x', 'id'),
    fc.string({ maxLength: 10, unit: fc.constantFrom('a', 'ü', '漢', ':', ' ', '🌍') }).map((text) => `data: ${text}`),
    fc.constantFrom('1', 'ü漢字', 'b c').map((id) => `id: ${id}`),
    fc.nat({ max: 3 }).map((id) => `data:${message(id)}`),
  );
  const text = fc.array(
    fc.tuple(line, lineEnd).map((parts) => parts.join('')),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(
      text.chain((lines) => pieces(Buffer.from(lines.join(''))).map((cut) => ({ lines, cut }))),
      ({ lines, cut }) => {
        const expected: string[] = [];
        let lastId: string | undefined;
        const parser = createParser({
          onEvent({ data, event, id }) {
            lastId = id ?? lastId;
            if (data !== '' && (event === undefined || event === 'message')) expected.push(data);
          },
        });
        // It takes a carriage return for a line end only when it has seen what follows.
        parser.feed(lines.join('').replaceAll(/\r\n?/g, '\n'));
        const { stream, messages, strays } = new Heard(100_000).push(...cut);
        const isMessage = (data: string): boolean => {
          try {
            return isWireMessage(JSON.parse(data));
          } catch {
            return false;
          }
        };
        expect(strays).toEqual(expected.filter((data) => !isMessage(data)));
        expect(messages).toEqual(expected.filter(isMessage).map((data) => JSON.parse(data)));
        if (lastId !== undefined) expect(stream.lastEventId).toBeDefined();
      },
    ),
    { numRuns: 500 },
  );
});

describe('the last event of a stream', () => {
  it.each(['\n\n', '\r\n\r\n', '\r\r', '\n\r', '\r\n\r', '\r\n\n', '\n\r\n'])('is taken when %j ends it', (end) => {
    for (const cut of [0, 1, 2, 3, 4]) {
      const bytes = `data: ${message(1)}${end}`;
      const { messages } = new Heard().push(bytes.slice(0, bytes.length - cut), bytes.slice(bytes.length - cut));
      expect(messages).toHaveLength(1);
    }
  });

  it.each(['', '\n', '\r', '\r\n', '\n:', '\n:\n'])('is not taken without an empty line (%j)', (end) => {
    expect(new Heard().push(`data: ${message(1)}${end}`).messages).toEqual([]);
  });

  it('is taken once, whatever follows it', () => {
    expect(new Heard().push(`data: ${message(1)}\r`, '\r', '\n', '\n\n').messages).toHaveLength(1);
  });
});

describe('a byte order mark', () => {
  it.each([
    ['before the first field', `\uFEFFdata: ${message(1)}\n\n`],
    ['before data', `data: \uFEFF${message(1)}\n\n`],
    ['before a comment', `\uFEFF: hello\ndata: ${message(1)}\n\n`],
    ['before an empty line', `\uFEFF\ndata: ${message(1)}\n\n`],
  ])('is read past %s, also in pieces', (_where, text) => {
    const bytes = Buffer.from(text);
    expect(new Heard().push(bytes).messages).toHaveLength(1);
    expect(new Heard().push(...Array.from(bytes, (byte) => Buffer.of(byte))).messages).toHaveLength(1);
  });
});

describe('event ids', () => {
  const lastId = (...ids: string[]): string | undefined =>
    new Heard().push(...ids.map((id) => `id: ${id}\ndata:\n\n`)).stream.lastEventId;

  it.each(['1', 'ü漢字', '🌍', 'a b', '../..;', '"'])('are kept as they are: %s', (id) => {
    expect(lastId(id)).toBe(id);
  });

  it.each([
    '\u0000',
    'a\u0000b',
    '\u0001',
    'a\u001Fb',
    '\u007F',
    '\ttab',
    ' two',
    'two ',
    'x'.repeat(5000),
    'x'.repeat(100_000),
  ])('that cannot be a header leave the last one that can: %j', (id) => {
    expect(lastId('good', id)).toBe('good');
  });

  it('count when their event is whole', () => {
    const { stream } = new Heard().push('id: 1\ndata: x\n\n', 'id: 2\ndata: ');
    expect(stream.lastEventId).toBe('1');
    stream.push(Buffer.from('\n\n'));
    expect(stream.lastEventId).toBe('2');
  });

  it('may be taken back', () => {
    expect(lastId('1', '')).toBe('');
  });
});

describe('what is too large', () => {
  const long = 'x'.repeat(50_000);

  it.each([
    ['in one line', `data: {"jsonrpc":"2.0","id":7,"result":"${long}"}\n\n`],
    ['in one line, with the id behind', `data: {"result":"${long}","jsonrpc":"2.0","id":7}\n\n`],
    [
      'in many lines',
      `data: {"result":[\n${`data: "${'x'.repeat(90)}",\n`.repeat(100)}data: 1],"jsonrpc":"2.0","id":7}\n\n`,
    ],
    ['in many empty lines', `data: {"jsonrpc":"2.0","id":7,\n${'data\n'.repeat(5000)}data: "result":{}}\n\n`],
  ])('is told with the id, and read past: %s', (_what, event) => {
    for (const size of [1, 7, 1000, 1_000_000]) {
      const bytes = Buffer.from(`${event}id: 3\ndata: ${message(8)}\n\n`);
      const heard = new Heard();
      for (let at = 0; at < bytes.length; at += size) heard.push(bytes.subarray(at, at + size));
      expect(heard.tooLarge).toMatchObject([{ id: 7, hasMethod: false }]);
      expect(heard.messages).toMatchObject([{ id: 8 }]);
      expect(heard.stream.lastEventId).toBe('3');
    }
  });

  it('is told where it is no message', () => {
    expect(new Heard().push(`data: ${long}\n\n`).tooLarge).toEqual([undefined]);
  });

  it('gives up when it does not end', () => {
    const { stream } = new Heard();
    let more = true;
    let bytes = 0;
    while (more && bytes < 1_000_000) {
      more = stream.push(Buffer.from(`data: ${'x'.repeat(500)}\n`));
      bytes += 500;
    }
    expect(bytes).toBeLessThan(10_000);
  });
});

describe('memory is bounded by bytes, however they are packed', () => {
  const limit = 1024 * 1024;
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');

  /** Bytes that are held after `total` bytes of these pieces. */
  function heldAfter(total: number, piece: Buffer): number {
    const { stream } = new Heard(limit);
    collect();
    const before = process.memoryUsage();
    for (let fed = 0; fed < total; fed += piece.length) stream.push(piece);
    collect();
    const after = process.memoryUsage();
    expect(stream).toBeDefined();
    return after.heapUsed + after.external - before.heapUsed - before.external;
  }

  it.each([
    ['data in single bytes', limit, Buffer.from('data: x'.slice(6))],
    [
      'one comment without end, of invalid UTF-8',
      64 * limit,
      Buffer.concat([Buffer.from(':'), Buffer.alloc(65_536, 0xff)]),
    ],
    ['an id without end', 64 * limit, Buffer.from(`id: ${'x'.repeat(65_536)}`)],
    ['a field without end', 64 * limit, Buffer.from('retry: 1'.repeat(1000))],
    ['empty events', 16 * limit, Buffer.from('\n'.repeat(1000))],
    ['events with ids alone', 16 * limit, Buffer.from('id: 1\n\n'.repeat(1000))],
    ['lines without data', 16 * limit, Buffer.from('event: x\nretry: 5\nid: 2\n'.repeat(100))],
    ['empty lines of data', 4 * limit, Buffer.from('data\n'.repeat(1000))],
    [
      'data of invalid UTF-8',
      16 * limit,
      Buffer.concat([Buffer.from('data: '), Buffer.alloc(60_000, 0xff), Buffer.from('\n')]),
    ],
  ])('%s', (_what, total, piece) => {
    expect(heldAfter(total, piece)).toBeLessThan(8 * limit);
  });
});
