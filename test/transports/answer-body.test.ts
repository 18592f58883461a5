import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerBody } from '../../src/transports/http/answer/answer-body.js';

const textsAndCuts = fc.record({
  text: fc.string({ unit: 'binary', maxLength: 60 }),
  cuts: fc.array(fc.nat(200), { maxLength: 8 }),
});

/** The bytes of a text, cut anywhere: also between those of one character. */
function pieces({ text, cuts }: { readonly text: string; readonly cuts: readonly number[] }): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('the body of an answer', () => {
  it('is the text that came, however it was cut, and is given once', () => {
    fc.assert(
      fc.property(textsAndCuts, fc.constantFrom(200, 299, 300, 404), (given, status) => {
        const whole = Buffer.from(given.text);
        const body = new AnswerBody(status, {}, whole.length);
        expect(pieces(given).map((piece) => body.push(piece))).not.toContain(false);
        expect(body.takeText()).toBe(whole.toString());
        expect(body.takeText()).toBe('');
        expect(body.isError).toBe(status >= 300);
      }),
    );
  });

  it('is let go where it is longer than it may be, at the first piece too many', () => {
    fc.assert(
      fc.property(textsAndCuts, fc.nat(300), (given, most) => {
        const body = new AnswerBody(200, {}, most);
        let length = 0;
        for (const piece of pieces(given)) {
          length += piece.length;
          expect(body.push(piece)).toBe(length <= most);
          if (length <= most) continue;
          expect(body.takeText()).toBe('');
          return;
        }
        expect(body.takeText()).toBe(Buffer.from(given.text).toString());
      }),
    );
  });

  it('of an error is its first 64 KiB, whatever messages may have', () => {
    const most = 64 * 1024;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 }), (lengths) => {
        const body = new AnswerBody(500, {}, 1);
        let whole = '';
        for (const [index, length] of lengths.entries()) {
          const piece = String(index).repeat(length);
          whole += piece;
          expect(body.push(Buffer.from(piece))).toBe(whole.length <= most);
        }
        expect(body.takeText()).toBe(whole.slice(0, most));
      }),
    );
  });
});
