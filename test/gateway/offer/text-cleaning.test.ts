import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanItem, cleanText, hasHiddenCharacters } from '../../../src/gateway/offer/text-cleaning.js';

const hidden = [
  ['a null', '\0'],
  ['an escape', '\u001b'],
  ['a delete', '\u007f'],
  ['a C1 control', '\u009b'],
  ['a carriage return alone', '\r'],
  ['a right-to-left override', '\u202e'],
  ['an isolate', '\u2066'],
  ['an Arabic letter mark', '\u061c'],
  ['a zero-width space', '\u200b'],
  ['a word joiner', '\u2060'],
  ['a byte order mark', '\ufeff'],
  ['a soft hyphen', '\u00ad'],
  ['a Hangul filler', '\u3164'],
  ['a tag', '\u{e0041}'],
  ['a variation selector of the supplement', '\u{e0101}'],
  ['an interlinear annotation', '\ufff9'],
  ['half of a surrogate pair', '\ud83d'],
] as const;
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hidden.map(([, character]) => character), '\n', '\t', '❤', '\ufe0f', '\r\n'),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

describe('cleaning texts', () => {
  it.each(hidden)('removes %s', (_what, character) => {
    expect(cleanText(`a${character}b`)).toEqual({ text: 'ab', removed: 1 });
    expect(hasHiddenCharacters(`a${character}`)).toBe(true);
  });

  it.each(['lines\nof\r\ntext\tand tabs', 'naïve 漢字 😀 ❤️ 1️⃣', 'עברית', ''])('leaves %j', (text) => {
    expect(cleanText(text)).toEqual({ text, removed: 0 });
  });

  it('leaves one selector behind an emoji, not a row of them', () => {
    expect(cleanText('❤\ufe0f\ufe0e\ufe0fx\ufe0f')).toEqual({ text: '❤\ufe0fx', removed: 3 });
  });

  it('cleans once and for all, counts what it takes, and leaves the rest in its order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: cleaned, removed } = cleanText(text);
        expect(cleanText(cleaned)).toEqual({ text: cleaned, removed: 0 });
        expect(Array.from(text).length - Array.from(cleaned).length).toBe(removed);
        expect(hasHiddenCharacters(text)).toBe(removed > 0);
        const rest = Array.from(text)[Symbol.iterator]();
        for (const character of cleaned) {
          let next = rest.next();
          while (next.done !== true && next.value !== character) next = rest.next();
          expect(next.done).not.toBe(true);
        }
      }),
    );
  });
});

describe('cleaning what a server lists', () => {
  it('cleans titles and descriptions wherever they stand', () => {
    const tool = {
      name: 'get',
      title: 'G\u200bet',
      description: 'Gets\u202e.',
      inputSchema: {
        type: 'object',
        properties: {
          description: { type: 'string', title: 'D\u{e0041}', description: 'x' },
          list: { type: 'array', items: { anyOf: [{ description: '\u200by' }] } },
        },
      },
      annotations: { title: 'T\0' },
    };
    expect(cleanItem(tool)).toEqual({
      item: {
        name: 'get',
        title: 'Get',
        description: 'Gets.',
        inputSchema: {
          type: 'object',
          properties: {
            description: { type: 'string', title: 'D', description: 'x' },
            list: { type: 'array', items: { anyOf: [{ description: 'y' }] } },
          },
        },
        annotations: { title: 'T' },
      },
      removed: 5,
      refused: undefined,
    });
  });

  it('gives back the very item where there is nothing to clean', () => {
    const tool = { name: 'a', description: 'b', inputSchema: { enum: ['\r', '\r\n'] } };
    expect(cleanItem(tool).item).toBe(tool);
  });

  it.each([
    ['a name', { name: 'a\u200b' }, 'name has hidden characters'],
    ['a value', { name: 'a', inputSchema: { enum: ['ok', '\u{e0041}'] } }, 'inputSchema.enum[1] has hidden characters'],
    [
      'a key',
      { name: 'a', inputSchema: { properties: { 'x\u202e': {} } } },
      'a key of inputSchema.properties has hidden characters',
    ],
  ])('refuses hidden characters in %s: another name would be another thing', (_what, item, refused) => {
    expect(cleanItem(item)).toEqual({ item, removed: 0, refused });
  });

  it('does not read what is not shown', () => {
    expect(cleanItem({ name: 'a', _meta: { x: '\u200b' } })).toMatchObject({ removed: 0, refused: undefined });
  });

  it('refuses what is too deep to look at', () => {
    let schema: object = { description: '\u200b' };
    for (let depth = 0; depth < 100_000; depth++) schema = { items: schema };
    expect(cleanItem({ name: 'a', inputSchema: schema }).refused).toBe('it is nested deeper than 100 levels');
  });
});
