import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/wire/framing/line-splitter.js';

function split(chunks: readonly Buffer[], maxLineBytes = 1 << 20): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(maxLineBytes, (line) => lines.push(line));
  for (const chunk of chunks) expect(splitter.push(chunk)).toBe(true);
  expect(splitter.heldBytes).toBe(0);
  return lines;
}

/** Cuts a buffer at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const line = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll(/[\r\n]/g, ''));
const mebibyte = 1024 * 1024;

/** What a process holds, in bytes, that it cannot give back. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('the line splitter', () => {
  test.prop([fc.array(line), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(), { maxLength: 40 })])(
    'hands out the same lines wherever the bytes are cut',
    (lines, lineEnd, places) => {
      const bytes = Buffer.from(lines.map((one) => one + lineEnd).join(''));
      const expected = lines.map((one) =>
        Buffer.from(one)
          .toString()
          .replace(/^\uFEFF/, ''),
      );
      expect(split(cut(bytes, places))).toEqual(expected);
    },
  );

  test.prop([fc.array(fc.uint8Array({ maxLength: 50 })), fc.integer({ min: 1, max: 64 })])(
    'never holds more than its limit, whatever it is fed',
    (chunks, limit) => {
      const splitter = new LineSplitter(limit, (text) =>
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit * 3),
      );
      for (const chunk of chunks) {
        splitter.push(Buffer.from(chunk));
        expect(splitter.heldBytes).toBeLessThanOrEqual(limit);
      }
    },
  );

  it('takes a line of exactly the limit and refuses one byte more', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter(4, (text) => lines.push(text));
    expect(splitter.push(Buffer.from('abcd\n'))).toBe(true);
    expect(splitter.push(Buffer.from('ab'))).toBe(true);
    expect(splitter.push(Buffer.from('cde'))).toBe(false);
    expect(splitter.heldBytes).toBe(0);
    expect(lines).toEqual(['abcd']);
  });

  it('skips a byte order mark in front of a line, however it is cut, and keeps it elsewhere', () => {
    const bytes = Buffer.from('\uFEFFa\n\uFEFF\uFEFFb\r\nc\uFEFF\n\uFEFF\n');
    const expected = ['a', '\uFEFFb', 'c\uFEFF', ''];
    expect(split([bytes])).toEqual(expected);
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(expected);
    expect(split([Buffer.from([0xef, 0xbb, 0x0a, 0xef, 0x0a, 0xbf, 0x0a])])).toHaveLength(3);
  });

  it('reads past a line that is too long if somebody reads such lines', () => {
    const lines: string[] = [];
    const long: string[] = [];
    const splitter = new LineSplitter(
      4,
      (text) => lines.push(text),
      () => {
        long.push('');
        return {
          push: (piece) => {
            long[long.length - 1] += String(piece);
          },
          end: () => lines.push(`(${long.length})`),
        };
      },
    );
    for (const piece of ['ab', 'cd', 'ef', 'gh\nij\n', 'klmno\npqrst', 'u\nvw\n'])
      expect(splitter.push(Buffer.from(piece))).toBe(true);
    expect(lines).toEqual(['(1)', 'ij', '(2)', '(3)', 'vw']);
    expect(long).toEqual(['abcdefgh', 'klmno', 'pqrstu']);
    splitter.push(Buffer.from('wxyz!'));
    splitter.flush();
    expect(lines.at(-1)).toBe('(4)');
  });

  it('holds about as many bytes as came, also when they came one by one', () => {
    const splitter = new LineSplitter(16 * mebibyte, () => {});
    const before = held();
    for (let count = 0; count < 2 * mebibyte; count++) splitter.push(Buffer.alloc(1, 'x'));
    expect(splitter.heldBytes).toBe(2 * mebibyte);
    expect(held() - before).toBeLessThan(40 * mebibyte);
  });
});
