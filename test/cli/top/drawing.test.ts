import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawingOf } from '../../../src/cli/top/drawing.js';

const escape = '\u001b';
const [begin, end] = [`${escape}[?2026h`, `${escape}[?2026l`];

/** A terminal that knows as much as is needed: to clear, to go to a row, to empty it, to write. */
function drawn(before: readonly string[], drawing: string): string[] {
  const screen = [...before];
  let row = 0;
  const parts = drawing.replaceAll(begin, '').replaceAll(end, '').split(escape);
  for (const part of parts.slice(1)) {
    const [, command = '', text = ''] = /^\[(\d+;1H|2J|2K)(.*)$/.exec(part) ?? [];
    if (command === '2J') screen.fill('');
    else if (command === '2K') screen[row] = '';
    else row = Number.parseInt(command, 10) - 1;
    if (text !== '') screen[row] = text + (screen[row] ?? '').slice(text.length);
  }
  return screen;
}

const lines = fc.array(fc.constantFrom('', 'a', 'bb', 'ccc', 'dddd'), { minLength: 1, maxLength: 12 });

it('makes a terminal show the lines, from whatever it shows', () => {
  fc.assert(
    fc.property(fc.option(lines, { nil: undefined }), lines, (before, after) => {
      const unknown = after.map(() => 'what was there before');
      const screen = drawn(before ?? unknown, drawingOf(before, after));
      expect(screen.slice(0, after.length)).toEqual(after);
      expect(screen.slice(after.length).join('')).toBe('');
    }),
  );
});

it('writes the lines that have changed, and nothing where none has', () => {
  expect(drawingOf(['a', 'b', 'c'], ['a', 'b', 'c'])).toBe('');
  expect(drawingOf(['a', 'b', 'c'], ['a', 'x', 'c'])).toBe(`${begin}${escape}[2;1H${escape}[2Kx${end}`);
});
