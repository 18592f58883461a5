import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulateMutant } from './mutants/mutant.js';
import { mutations } from './mutants/mutations.js';

const repository = new URL('../../', import.meta.url);

it.each(mutations)('there is something to be broken: $name', ({ file, text }) => {
  expect(readFileSync(new URL(file, repository), 'utf8').split(text)).toHaveLength(2);
});

// All of them: node --import tsx test/simulation/mutants/main.ts
describe.each(mutations.filter(({ isQuick }) => isQuick === true))('the seeded bug "$name"', (mutation) => {
  it('is found', { timeout: 120_000 }, async () => {
    const found = await simulateMutant(mutation, { seed: 1, stepsOfSeed: 1_500, mostSteps: 30_000, mostMs: 100_000 });
    expect(found.invariant).toBeDefined();
  });
});

it('without a bug nothing is found', { timeout: 120_000 }, async () => {
  const found = await simulateMutant(undefined, { seed: 1, stepsOfSeed: 1_500, mostSteps: 6_000, mostMs: 100_000 });
  expect(found.invariant).toBeUndefined();
});
