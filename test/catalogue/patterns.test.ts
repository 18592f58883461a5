import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBudgetedPattern } from '../../src/catalogue/patterns/budgeted-pattern.js';
import { type Pattern, PatternBudgetError, PatternError, readPattern } from '../../src/catalogue/patterns/pattern.js';
import { readReplacement } from '../../src/catalogue/patterns/python-replacement.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';

/** Pattern, replacement, text, and what `re.sub` of Python 3.11 makes of them. */
const asPython: readonly (readonly [string, string, string, string])[] = [
  ['x*', '-', 'abxd', '-a-b--d-'],
  ['$', 'x', 'a\n', 'ax\nx'],
  ['.*$', 'x', 'abc\n', 'xx\nx'],
  ['a$', 'b', 'a\n', 'b\n'],
  ['(a$)', '[\\1]', 'a\n', '[a]\n'],
  ['a\\Z', 'b', 'a\n', 'a\n'],
  ['(?m)^a$', 'b', 'a\na', 'b\nb'],
  ['^a', 'b', 'aa\na', 'ba\na'],
  ['\\d+', '#', '12 \u0663', '# #'],
  ['(?a)\\d+', '#', '12 \u0663', '# \u0663'],
  ['\\w+', '#', '\u00e9a_1 \u0301', '# \u0301'],
  ['\\W', '#', '\u00e9a b', '\u00e9a#b'],
  ['[\\W_]', '#', '\u00e9_ b', '\u00e9##b'],
  ['[^\\W_]+', '#', '\u00e9_ b', '#_ #'],
  ['\\s', '#', 'a\u00a0b\u001cc\u2028', 'a#b#c#'],
  ['\\S', '#', 'a\u00a0b', '#\u00a0#'],
  ['.', '#', 'a\r\u2028\n', '###\n'],
  ['(?s).', '#', 'a\n', '##'],
  ['(?i)abc', '#', 'aBC', '#'],
  ['a(?i:b)', '#', 'aB AB', '# AB'],
  ['(?x) a b # two\n c', '#', 'abc', '#'],
  ['(?P<first>a)(b)?', '\\g<first>\\2|\\g<0>|\\g<1>', 'ac', 'a|a|ac'],
  ['[]a]', '#', ']a[', '##['],
  ['[^]a]', '#', ']a[', ']a#'],
  ['[a\\-z]', '#', 'a-mz', '##m#'],
  ['a{,2}b', '#', 'aaab', 'a#'],
  ['a{1', '#', 'a{1', '#'],
  ['{x}', '#', '{x}', '#'],
  ['\\x41\\u0042\\U00000043\\104', '#', 'ABCD', '#'],
  ['[\\b]', '#', '\b', '#'],
  ['a(?#comment)b', '#', 'ab', '#'],
  ['a', '\\n\\\\\\.', 'a', '\n\\\\.'],
  ['a', '\\07\\101', 'a', '\u0007A'],
  ['\ud83d\ude00', '#', 'a\ud83d\ude00', 'a#'],
  ['', '-', 'a\ud83d\ude00', '-a-\ud83d\ude00-'],
];

describe('patterns of Python', () => {
  it.each(asPython)('%j replaced by %j in %j', (source, template, text, expected) => {
    for (const pattern of [readPattern(source), ...backtracking(source)])
      expect(pattern.replace(text, readReplacement(template, pattern))).toBe(expected);
  });

  it.each([
    ['(?=a)', 'look-ahead cannot be matched in linear time (at position 0)'],
    ['a(?!b)', 'look-ahead cannot be matched in linear time (at position 1)'],
    ['(?<=a)b', 'look-behind cannot be matched in linear time (at position 0)'],
    ['(?<!a)b', 'look-behind cannot be matched in linear time (at position 0)'],
    ['(a)\\1', 'a back-reference cannot be matched in linear time (at position 3)'],
    ['(?P<n>a)(?P=n)', 'a back-reference cannot be matched in linear time (at position 8)'],
    ['a{1001}', 'a repeat above 1000 cannot be matched in linear time (at position 1)'],
    ['$a', 'what follows $ cannot be matched in linear time (at position 1)'],
    ['\\b\u00e9', '\\b beside a letter beyond ASCII cannot be matched in linear time (at position 3)'],
    ['\u00e9\\b', '\\b beside a letter beyond ASCII cannot be matched in linear time (at position 1)'],
    ['(?>a)', 'an atomic group is not supported (at position 0)'],
    ['a++', 'possessive ++ is not supported (at position 1)'],
    ['(a)(?(1)b|c)', 'a conditional group is not supported (at position 3)'],
    ['(a', 'a group ( is not closed (at position 0)'],
    ['a)', 'a ) closes no group (at position 1)'],
    ['[a', 'a set [ is not closed (at position 0)'],
    ['[b-a]', 'a range in a set needs two characters in order (at position 2)'],
    ['*a', 'nothing to repeat (at position 0)'],
    ['a**', 'multiple repeat (at position 2)'],
    ['a{2,1}', 'a repeat has its least above its most (at position 1)'],
    ['\\y', '\\y means nothing (at position 0)'],
    ['\\', 'it ends too early (at position 1)'],
    ['\\N{DIGIT ONE}', '\\N{…} is not known: write the character itself (at position 0)'],
    ['a(?i)b', 'flags for the whole pattern stand at its start (at position 1)'],
    ['(?L)a', 'flag L is not known (at position 4)'],
    ['(?P<1>a)', 'the name of a group is not one (at position 0)'],
    ['(?P<n>a)(?P<n>b)', 'two groups have the name n (at position 8)'],
  ])('%j is refused, and why is said', (source, message) => {
    expect(() => readPattern(source)).toThrow(new PatternError(message));
  });

  it.each([
    ['\\2', 'there is no group 2 (at position 0)'],
    ['a\\g<n>', 'no group has the name n (at position 1)'],
    ['\\q', '\\q means nothing in a replacement (at position 0)'],
    ['a\\', 'it ends too early (at position 2)'],
  ])('the replacement %j is refused, and why is said', (template, message) => {
    expect(() => readReplacement(template, readPattern('(a)'))).toThrow(new PatternError(message));
  });

  it('are read or refused, whatever they are, and never throw while they match', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '?',
      '*',
      '{2}',
      '\\',
      '^',
      '$',
      '|',
      'a',
      '\u00e9',
      '-',
      'P<n>',
      ':',
      '=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 20 }), (pieces, text) => {
        const pattern = read(() => readPattern(pieces.join('')));
        for (const match of pattern?.matches(text) ?? []) expect(match.text).toBe(text.slice(match.start, match.end));
      }),
    );
  });

  it.each(['(a+)+$', '(a|aa)+b', '\\b\\w+\\b', '[^\\W_]+@', '(a*)*b'])('%s takes linear time', async (source) => {
    const pattern = readPattern(source);
    await expectLinearTime(
      (text) => pattern.replace(text, () => ''),
      (length) => 'a'.repeat(length),
    );
  });
});

describe('patterns in a budget', () => {
  it.each([
    ['(?<=a)b', '#', 'ab b', 'a# b'],
    ['a(?!b)', '#', 'ab ac', 'ab #c'],
    ['(\\w)\\1', '<\\1>', 'aab', '<a>b'],
    ['(?P<n>a|b)-(?P=n)', '#', 'a-a a-b', '# a-b'],
    ['\\b\u00e9', '#', '\u00e9 a\u00e9', '# a\u00e9'],
    ['(?=a){2}', '#', 'ba', 'b#a'],
    ['$\\n', '#', 'a\n', 'a#'],
  ])('%s as in Python', (source, template, text, expected) => {
    const pattern = readBudgetedPattern(source, 100);
    expect(pattern.replace(text, readReplacement(template, pattern))).toBe(expected);
  });

  it('are stopped when it is used up', () => {
    const started = performance.now();

    expect(() => readBudgetedPattern('(?=a)(a+)+$', 50).test(`${'a'.repeat(50)}b`)).toThrow(PatternBudgetError);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it.each(['(?i)A{1,500}b', 'a*?b|a'])('%s is stopped too, where it is large or has many matches', (source) => {
    const pattern = readPattern(source);

    expect(() => pattern.replace('a'.repeat(1 << 20), () => '')).toThrow(PatternBudgetError);
    expect(pattern.replace('aab', () => '#')).toBe('#');
  });

  it('refuse what is no pattern', () => {
    expect(() => readBudgetedPattern('(?=a', 50)).toThrow(new PatternError('a group ( is not closed (at position 0)'));
    expect(() => readBudgetedPattern('\\1(a)', 50)).toThrow(
      new PatternError('group 1 is not closed before it is referred to (at position 0)'),
    );
  });
});

/** The same pattern for the other engine, where that can do it. */
function backtracking(source: string): Pattern[] {
  const pattern = read(() => readBudgetedPattern(source, 1000));
  return pattern === undefined ? [] : [pattern];
}

function read(reading: () => Pattern): Pattern | undefined {
  try {
    return reading();
  } catch (error) {
    expect(error).toBeInstanceOf(PatternError);
    return undefined;
  }
}
