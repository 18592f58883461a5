import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fittedText, paddedText, shownText, textColumns } from '../../../src/cli/top/cell-text.js';
import { columnCounter } from '../../fixtures/inspect/column-count.js';

const escape = '\u001b';

/** Text as somebody may send it who means harm, or writes in another script. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '日本語',
        'a\u0301\u0302\u0303',
        '👨‍👩‍👧',
        `${escape}[2J`,
        `${escape}]0;t\u0007`,
        '\u009b31m',
        '\u202e',
        '\ud800',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

it('counts columns as Unicode does, for every character', () => {
  const count = columnCounter();
  const different: string[] = [];
  for (let code = 0x20; code < 0x110000; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const text = shownText(`a${String.fromCodePoint(code)}`);
    if (Array.from(text).length === 2 && textColumns(text) < count(text)) different.push(code.toString(16));
  }
  expect(different).toEqual([]);
}, 60_000);

it('lets nothing through that a terminal would obey, or that turns the direction', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(shownText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});

it('fits any text into any width, and keeps what fits', () => {
  const count = columnCounter();
  fc.assert(
    fc.property(anyText, fc.nat(30), fc.constantFrom('…', '~', ''), (text, columns, cut) => {
      const shown = shownText(text);
      const fitted = fittedText(shown, columns, cut);
      expect(count(fitted)).toBeLessThanOrEqual(columns);
      // Marks on nothing, and heaps of them, are left out in any case.
      const isMarked = /\p{M}/u.test(shown);
      if (!isMarked && count(shown) <= columns) expect(fitted).toBe(shown);
      if (!isMarked && count(shown) > columns && columns > 0) expect(fitted.endsWith(cut)).toBe(true);
    }),
  );
});

it('pads to the width, on either side', () => {
  expect(paddedText('日本', 6, '…')).toBe('日本  ');
  expect(paddedText('9 ms', 6, '…', 'right')).toBe('  9 ms');
  // Half of a wide character cannot be shown.
  expect(paddedText('日本語', 4, '…')).toBe('日… ');
  fc.assert(
    fc.property(
      anyText,
      fc.nat(30),
      (text, columns) => textColumns(paddedText(shownText(text), columns, '…')) === columns,
    ),
  );
});

it.each([
  ['a colour', `${escape}[31mred${escape}[0m`, 'red'],
  ['a title', `${escape}]0;owned\u0007name`, 'name'],
  ['a title that ends as the standard says', `${escape}]0;owned${escape}\\name`, 'name'],
  ['a link', `${escape}]8;;https://evil.example${escape}\\here${escape}]8;;${escape}\\`, 'here'],
  ['the form of 8 bits', '\u009b31mred\u009dtitle\u009cname', 'redname'],
  ['a title that does not end', `${escape}]0;rest`, '0;rest'],
  ['a reset', `${escape}cname`, 'name'],
  ['a sequence inside another', `${escape}[3${escape}[31m1mname`, '1mname'],
  ['lines', 'one\r\ntwo\tthree', 'one two three'],
  ['a turned direction', 'a\u202eb\u2066c', 'abc'],
  ['what nobody sees', 'a\u200bb\u00adc\ufe0f', 'abc'],
  ['halves of characters', 'a\ud800b', 'ab'],
])('drops %s', (_, text, shown) => {
  expect(shownText(text)).toBe(shown);
});
