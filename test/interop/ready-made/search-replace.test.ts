import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { searchReplaceConfig } from '../../../src/catalogue/search-replace/search-replace-config.js';
import { answersOfBoth } from './both-answers.js';
import { type OracleCall, startOracle } from './oracle.js';

const kind = 'plugins.regex_filter.search_replace.SearchReplacePlugin';
const hooks = ['prompt_pre_fetch', 'prompt_post_fetch', 'tool_pre_invoke', 'tool_post_invoke'];
const page = readFileSync(new URL('../../../docs/reference/plugins/search-replace.md', import.meta.url), 'utf8');
const seed = 20_263;

const plain = [
  'a',
  'b',
  'é',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\W',
  '\\S',
  '[ab]',
  '[^a]',
  '[\\W_]',
  '[^\\W_]',
  '[\\d-]',
  '[]a]',
];
const groupsAndPlaces = [
  '(a)',
  '(?P<n>b|a)',
  '(?:ab)',
  '(?i:A)',
  '\\n',
  '^',
  '$',
  '\\A',
  '\\Z',
  '\\b',
  '|',
  '{',
  '}',
  'a{1',
  '\\.',
  '\\/',
];
const flagsAndRepeats = [
  '\\x61',
  '\\u00e9',
  '(?s:.)',
  '(?m:^a$)',
  '(?a:\\w)',
  '(?#hm)',
  '(?x: a b )',
  'x{2,3}',
  'a{,2}',
  'a|b',
];
const backtracking = ['(?=a)', '(?!b)', '(?<=a)', '(?<!b)', '(a)(b)?\\1', '(?P<m>a)(?P=m)'];
const atom = fc.constantFrom(...plain, ...groupsAndPlaces, ...flagsAndRepeats, ...backtracking);
const search = fc
  .tuple(
    fc.constantFrom('', '', '', '(?i)', '(?m)'),
    fc.array(fc.tuple(atom, fc.constantFrom('', '', '', '', '*', '+', '?', '{2}')), { minLength: 1, maxLength: 4 }),
  )
  .map(([flags, atoms]) => flags + atoms.flat().join(''));
const replace = fc.constantFrom('-', '<\\g<0>>', '\\n', '\\\\', '\\.', '\\07', '', '$1', '[\\g<0>\\g<0>]');
const text = fc.oneof(
  fc.constantFrom(
    'abab',
    'a\n',
    '',
    'é a b',
    'aa bb_cc 12\u0663',
    'a\nb\n',
    'AbÀ😀b',
    '\u00a0x xx xxx',
    'a\u2028b',
    'aab ab',
  ),
  fc.string({ unit: fc.constantFrom('a', 'b', 'A', ' ', '\n', 'x', '1', '_', 'é', '.'), maxLength: 12 }),
);

const calls: fc.Arbitrary<OracleCall> = fc
  .record({
    hook: fc.constantFrom(...hooks),
    args: fc.dictionary(fc.constantFrom('a', 'b', 'c'), text, { minKeys: 1, maxKeys: 2 }),
    message: text,
    // An empty result is nothing to search for theirs.
    result: fc.oneof(
      text.filter((each) => each !== ''),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(text, fc.constantFrom(1, null, true))),
    ),
  })
  .map(({ hook, args, message, result }) => ({
    hook,
    payload:
      {
        prompt_pre_fetch: { prompt_id: 'p', args },
        prompt_post_fetch: {
          prompt_id: 'p',
          result: { messages: [{ role: 'user', content: { type: 'text', text: message } }] },
        },
        tool_pre_invoke: { name: 't', args },
        tool_post_invoke: { name: 't', result },
      }[hook] ?? {},
  }));

/** Patterns that would rather match nothing, and what else the page has. */
const listed = [/\\B/, /\?\?|\*\?|\+\?|\{2\}\?|\?\{/, /^(?:\(\?[im]\))?\||\|\||\|$|\(\|/, /\(b\)\?\\1/, /\|/];

it.runIf(inject('pythons') !== null)('texts are replaced as theirs are', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
  const orders = fc
    .sample(fc.tuple(fc.array(fc.record({ search, replace }), { minLength: 1, maxLength: 2 })), { seed, numRuns: 600 })
    .map(([words]) => ({ words }))
    .filter(({ words }) => !words.some((word) => listed.some((one) => one.test(word.search))))
    // Their files are templates of Jinja.
    .filter((config) => !/\{[{%#]/.test(JSON.stringify(config)))
    .filter((config) => searchReplaceConfig.safeParse(config).success)
    .slice(0, 110);
  let [seen, changed] = [0, 0];
  for (const [index, config] of orders.entries()) {
    const order = { kind, config, hooks, calls: fc.sample(calls, { seed: seed + index, numRuns: 5 }) };
    for (const { ours, theirs, call } of await answersOfBoth(oracle, order)) {
      expect(ours, `seed ${seed}, ${JSON.stringify({ config, call })}`).toEqual(theirs);
      seen++;
      if (theirs.payload !== undefined) changed++;
    }
  }

  expect(seen).toBeGreaterThanOrEqual(500);
  expect(changed).toBeGreaterThan(seen / 3);
});

interface Difference {
  readonly row: string;
  readonly word: { readonly search: string; readonly replace: string };
  readonly result: unknown;
  readonly theirs: unknown;
  readonly ours: unknown;
}

const a = { search: 'a', replace: '#' };
const differences: readonly Difference[] = [
  {
    row: 'Texts are found however deep they are.',
    word: a,
    result: { x: 'a', y: ['a'] },
    theirs: { x: '#', y: ['a'] },
    ours: { x: '#', y: ['#'] },
  },
  { row: 'A result that is the empty text', word: { search: '^', replace: '#' }, result: '', theirs: '', ours: '#' },
  {
    row: 'After an empty match Python',
    word: { search: 'a*?', replace: '#' },
    result: 'a',
    theirs: '###',
    ours: '#a#',
  },
  { row: 'matches the empty text', word: { search: '(b)?\\1a', replace: '#' }, result: 'a', theirs: 'a', ours: '#' },
];

it.runIf(inject('pythons') !== null)('but for what the page lists', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
  for (const { row, word, result, ...expected } of differences) {
    const call = { hook: 'tool_post_invoke', payload: { name: 't', result } };
    const [pair] = await answersOfBoth(oracle, { kind, config: { words: [word] }, hooks, calls: [call] });
    const [ours, theirs] = [pair?.ours, pair?.theirs].map((answer) => answer?.payload ?? call.payload);
    expect({ ours, theirs }, row).toEqual({
      ours: { name: 't', result: expected.ours },
      theirs: { name: 't', result: expected.theirs },
    });
    expect(page.replaceAll(/\s+/g, ' ')).toContain(row);
  }
  const words = [{ search: '(', replace: '' }, a];
  const [left] = await oracle.ask({
    kind,
    config: { words },
    hooks,
    calls: [{ hook: 'tool_post_invoke', payload: { name: 't', result: 'a' } }],
  });
  expect(left?.result).toMatchObject({ modified_payload: { result: '#' } });
  expect(searchReplaceConfig.safeParse({ words }).success).toBe(false);
});
