import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { actsOfText, shrunkActs, textOfActs } from '../../src/testing/simulation/shrink.js';

const indexes = fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 }).map((all) => all.sort((a, b) => a - b));

describe('a sequence that is made shorter', () => {
  test.prop([indexes, fc.infiniteStream(fc.boolean())])(
    'keeps what it fails by, and nothing else',
    async (acts, choices) => {
      const needed = acts.filter(() => choices.next().value);
      const failsSo = async (left: readonly number[]): Promise<boolean> => needed.every((act) => left.includes(act));
      const { acts: left } = await shrunkActs(acts, failsSo, { mostRuns: 10_000 });
      if (needed.length > 0) expect(left).toEqual(needed);
      else expect(left).toHaveLength(1);
    },
  );

  test.prop([indexes, fc.nat(20)])('takes no more runs than it may', async (acts, mostRuns) => {
    let runs = 0;
    const failsSo = async (): Promise<boolean> => ++runs % 3 === 0;
    await shrunkActs(acts, failsSo, { mostRuns });
    expect(runs).toBeLessThanOrEqual(mostRuns);
  });
});

test.prop([indexes])('acts are read as they were written', (acts) => {
  expect(actsOfText(textOfActs(acts))).toEqual(acts);
});

it.each(['', 'x', '3-1', '1,,2', '-1', '1-'])('%j names no acts', (text) => {
  expect(actsOfText(text)).toBeUndefined();
});
