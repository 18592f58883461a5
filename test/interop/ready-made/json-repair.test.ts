import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, inject, it } from 'vitest';
import { answersOfBoth } from './both-answers.js';
import { startOracle } from './oracle.js';

const kind = 'plugins.json_repair.json_repair.JSONRepairPlugin';
const seed = 20_264;

/** JSON with what people and models do to it. */
const spoilt = fc
  .tuple(
    fc.jsonValue({ maxDepth: 3, stringUnit: fc.constantFrom('a', 'é', ' ', ',', ']', "'", '\u3000') }),
    fc.constantFrom('quotes', 'commas', 'both', 'braces', 'end', 'blanks', 'nothing'),
  )
  .map(([value, how]) => {
    const text = JSON.stringify(value);
    const commas = text.replaceAll(/([\]}])/g, ', $1');
    switch (how) {
      case 'quotes':
        return text.replaceAll('"', "'");
      case 'commas':
        return commas;
      case 'both':
        return commas.replaceAll('"', "'");
      case 'braces':
        return text.replaceAll(/^\{|\}$/g, '');
      case 'end':
        return text.slice(0, -1);
      case 'blanks':
        return `\u0085 ${commas}\u001f\n`;
      default:
        return text;
    }
  });
const texts = fc.oneof(
  { weight: 3, arbitrary: spoilt },
  fc.string({ maxLength: 12, unit: fc.constantFrom(...Array.from('{}[]\'",: 1a')) }),
);

it.runIf(inject('pythons') !== null)('what they repair is repaired to the same', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
  const calls = fc
    .sample(texts, { seed, numRuns: 900 })
    .map((result) => ({ hook: 'tool_post_invoke', payload: { name: 'tool', result } }));
  const all = await answersOfBoth(oracle, { kind, hooks: ['tool_post_invoke'], calls });
  const unlike = all.filter(({ ours, theirs }) => !isDeepStrictEqual(plain(ours), plain(theirs)));

  expect(unlike.slice(0, 3).map((compared) => JSON.stringify(compared))).toEqual([]);
  expect(all.filter(({ theirs }) => theirs.payload !== undefined).length).toBeGreaterThan(100);
});

function plain(answer: object): unknown {
  return JSON.parse(JSON.stringify(answer));
}
