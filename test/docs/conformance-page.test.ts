import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clientScenarios, comingLoginScenarios, expectedFailures, serverScenarios } from '../conformance/scenarios.js';

const page = readFileSync('docs/reference/conformance.md', 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$/gm)].map(([, name = '', result = '']) => ({
  name,
  result,
}));

it('the page on conformance has a row for each scenario that is run', () => {
  expect(rows.map(({ name }) => name).toSorted()).toEqual(
    [...serverScenarios, ...clientScenarios, ...comingLoginScenarios].toSorted(),
  );
});

it('it says of each that fails why, and of the others that they pass', () => {
  for (const { name, result } of rows) {
    const why = expectedFailures[name];
    if (why === undefined) expect(result, name).toMatch(/^passes/);
    else expect(result, name).toBe(`fails: ${why}`);
  }
});
