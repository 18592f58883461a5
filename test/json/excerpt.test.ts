import { expect, it } from 'vitest';
import { excerpt } from '../../src/json/excerpt.js';

it('an excerpt is the text itself where it is short, and never ends in the middle of a character', () => {
  expect(excerpt('short', 5)).toBe('short');
  expect(excerpt('longer', 5)).toBe('longe… (6 characters)');
  expect(excerpt('four😀more', 5)).toBe('four… (10 characters)');
  expect(excerpt('four😀more', 6)).toBe('four😀… (10 characters)');
});

it('an excerpt has no halves of surrogate pairs', () => {
  expect(excerpt('a\ud83db', 10)).toBe('a\ufffdb');
  expect(excerpt('\ude00abcdef', 3)).toBe('\ufffdab… (7 characters)');
});
