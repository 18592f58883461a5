import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { patternDoubt, patternFault, readPattern } from '../../../src/gateway/rules/pattern.js';
import { fits } from '../../models/rules-model.js';

const matches = (pattern: string, name: string): boolean => readPattern(pattern).matches(name);

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'a/b.c\n', true],
    ['get_*', 'get_', true],
    ['get_*', 'get', false],
    ['*_a', 'b_a', true],
    ['a*b', 'a1b2b', true],
    ['a*b', 'a1b2', false],
    ['*x*', 'axb', true],
    ['?', 'ab', false],
    ['g?t', 'get', true],
    ['?', '\u{1f600}', true],
    ['[ab]', 'b', true],
    ['[ab]', 'c', false],
    ['[!ab]', 'c', true],
    ['[!ab]', '', false],
    ['[a-c]x', 'bx', true],
    ['[a-]', '-', true],
    ['[-a]', '-', true],
    ['[]]', ']', true],
    ['[!]]', ']', false],
    ['[]', '[]', true],
    ['[a', '[a', true],
    ['[ab]', '[ab]', true],
    ['[[]', '[', true],
    ['[^a]', '^', true],
    ['[^a]', 'b', false],
    ['[\\]', '\\', true],
    ['\\*', '\\x', true],
    ['[\u{1f600}-\u{1f610}]', '\u{1f605}', true],
    ['Get', 'get', false],
    ['.*', 'ab', false],
    ['(a|b)', 'a', false],
  ])('%j against %j: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  const character = fc.constantFrom(
    'a',
    'b',
    'c',
    '*',
    '*',
    '?',
    '[',
    ']',
    '!',
    '-',
    '_',
    '\\',
    '^',
    '\u{1f600}',
    '\ud83d',
  );
  const text = fc.array(character, { maxLength: 9 }).map((characters) => characters.join(''));
  const plain = fc
    .array(fc.constantFrom('a', 'b', 'c', '-', ']', '_', '[', '!', '\\', '^', '\u{1f600}'), { maxLength: 7 })
    .map((all) => all.join(''));

  test.prop([text, fc.oneof(plain, text)], { numRuns: 3_000 })(
    'matches what the plain model matches',
    (pattern, name) => {
      fc.pre(patternFault(pattern) === undefined);
      expect(matches(pattern, name)).toBe(name === pattern || fits(pattern, name));
    },
  );

  it('takes no longer for what others go back and forth in', () => {
    const pattern = readPattern(`${'*a'.repeat(400)}b`);
    const began = performance.now();
    expect(pattern.matches('a'.repeat(1_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it.each([
    ['', 'an empty string'],
    ['x'.repeat(1_025), 'found 1025'],
    ['[z-a]', 'ends before it begins'],
    ['x[a-c9-0]*', 'ends before it begins'],
  ])('is refused for what it cannot mean: %#', (pattern, message) => {
    expect(patternFault(pattern)).toContain(message);
  });

  it('that does not close a set is doubted', () => {
    expect(patternDoubt('drop_[ab')).toContain('no `]`');
    expect(patternDoubt('drop_[ab]')).toBeUndefined();
  });
});
