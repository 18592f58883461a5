import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { type Answer, answersOfBoth } from './both-answers.js';
import { type OracleCall, startOracle } from './oracle.js';

const kind = 'plugins.deny_filter.deny.DenyListPlugin';
const hook = 'prompt_pre_fetch';
const seed = 20_262;

const configs: readonly { readonly words: readonly string[] }[] = [
  { words: ['rm -rf', 'DROP'] },
  { words: ['é', '𝕏', 'a.b', '\\d'] },
  { words: [' '] },
  { words: ['aa', 'aab'] },
  { words: [] },
];

const pieces = [
  'rm -rf',
  'RM -RF',
  'rm  -rf',
  'DROP',
  'drop',
  'é',
  'e\u0301',
  '𝕏',
  'a.b',
  'axb',
  '\\d',
  '7',
  'aa',
  'aab',
  'a',
  ' ',
  '\n',
];
const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join(''));
const calls: fc.Arbitrary<OracleCall> = fc
  .dictionary(fc.constantFrom('x', 'y', 'z'), texts, { maxKeys: 3 })
  .map((args) => ({ hook, payload: { prompt_id: 'p', args } }));

/** What ours says besides: the answer of theirs to a block holds the payload too, and neither counts anything. */
const said = ({ stop, payload, violation }: Answer) => ({ stop, payload, violation });

it.runIf(inject('pythons') !== null)(`says what theirs says of 500 prompts and more (seed ${seed})`, async () => {
  await using oracle = await startOracle('1.0.0', inject('pythons')?.['1.0.0'] ?? '');
  let blocked = 0;
  for (const config of configs) {
    const asked = fc.sample(calls, { numRuns: 110, seed });
    for (const { call, ours, theirs } of await answersOfBoth(oracle, { kind, config, hooks: [hook], calls: asked })) {
      expect(said(ours), JSON.stringify(call)).toEqual(said(theirs));
      if (ours.stop) blocked++;
    }
  }
  expect(blocked).toBeGreaterThan(100);
});

const differences = [
  {
    what: 'theirs does not look at names of arguments',
    args: { 'rm -rf': 'x' },
    ours: true,
    theirs: false,
  },
];

it.runIf(inject('pythons') !== null).each(differences)('differs: $what', async ({ args, ours, theirs }) => {
  await using oracle = await startOracle('1.0.0', inject('pythons')?.['1.0.0'] ?? '');
  const calls = [{ hook, payload: { prompt_id: 'p', args } }];
  const [pair] = await answersOfBoth(oracle, { kind, config: { words: ['rm -rf'] }, hooks: [hook], calls });
  expect([pair?.ours.stop, pair?.theirs.stop]).toEqual([ours, theirs]);
});
