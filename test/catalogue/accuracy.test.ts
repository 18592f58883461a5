import { expect, it } from 'vitest';
import { builtInTypes } from '../../src/catalogue/pii-filter/finding.js';
import { piiCorpus } from './accuracy/pii/corpus.js';
import { accuracyTable, sample, scoresOf } from './accuracy/score.js';

it('reads what is marked in a sample', () => {
  expect(sample('a [[x|b]] c [[y_2|d]]')).toEqual({
    text: 'a b c d',
    findings: [
      { type: 'x', start: 2, end: 3 },
      { type: 'y_2', start: 6, end: 7 },
    ],
  });
});

it('counts what is found whole, and what is said wrongly', () => {
  const samples = [sample('[[x|bb]] [[x|cc]]'), sample('dd [[y|ee]]')];
  const said = [
    [
      { type: 'x', start: 0, end: 2 },
      { type: 'x', start: 3, end: 4 },
    ],
    [{ type: 'x', start: 0, end: 2 }],
  ];

  const scores = scoresOf(['x', 'y'], samples, said);

  expect(scores).toEqual([
    { type: 'x', expected: 2, found: 1, said: 3, right: 2, precision: 2 / 3, recall: 1 / 2 },
    { type: 'y', expected: 1, found: 0, said: 0, right: 0, precision: undefined, recall: 0 },
  ]);
  expect(accuracyTable(scores, scores).split('\n').slice(2)).toEqual([
    '| `x` | 2 | 66.7 % | 50.0 % | 66.7 % | 50.0 % |',
    '| `y` | 1 | – | 0.0 % | – | 0.0 % |',
  ]);
});

it('has enough of each type of personal data, and as much that only looks so', () => {
  const few = builtInTypes.filter(
    (type) => piiCorpus.flatMap(({ findings }) => findings).filter((finding) => finding.type === type).length < 30,
  );

  expect(few).toEqual([]);
  expect(piiCorpus.filter(({ findings }) => findings.length === 0).length).toBeGreaterThan(piiCorpus.length / 4);
});
