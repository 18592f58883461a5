import { mutations } from './mutations.js';
import { simulateMutant } from './mutant.js';

// Says of each seeded bug with which seed and after how many steps the simulation finds it:
//   node --import tsx test/simulation/mutants/main.ts [part of a name] [how many to leave out]
const [, , part = '', left = '0'] = process.argv;
let missed = 0;
for (const mutation of mutations.filter(({ name }) => name.includes(part)).slice(Number(left))) {
  const found = await simulateMutant(mutation, {
    seed: 1,
    stepsOfSeed: 4_000,
    mostSteps: 1_000_000,
    mostMs: 1_200_000,
  });
  if (found.invariant === undefined && mutation.unseen === undefined) missed++;
  const outcome = found.invariant === undefined ? 'NOT FOUND' : found.invariant;
  process.stdout.write(`| ${mutation.name} | ${outcome} | ${found.seed} | ${found.steps} | ${found.message}\n`);
}
process.stdout.write(`${missed} not found\n`);
process.exitCode = missed === 0 ? 0 : 1;
