import { beforeAll, describe, expect, test } from 'vitest';
import { clientScenarios, comingLoginScenarios, expectedFailures } from './scenarios.js';
import { type Outcome, type Outcomes, runSuite } from './suite.js';

const command = ['--command', `${process.execPath} test/conformance/client.mjs`];

/** What the suite says against a scenario; that it did not take place, for one. */
function faultsOf(outcome: Outcome | undefined): readonly string[] {
  if (outcome === undefined) return ['it did not take place'];
  return outcome.passed === 0 && outcome.faults.length === 0 ? ['nothing was checked'] : outcome.faults;
}

describe('the set of servers as a client', () => {
  let outcomes: Outcomes = new Map();

  beforeAll(async () => {
    outcomes = await runSuite('0.2.0-alpha.12', ['client', ...command, '--requirements', '2025-11-25']);
  });

  test('every scenario is known', () => {
    expect([...outcomes.keys()].toSorted()).toEqual(clientScenarios.toSorted());
  });

  test.each(clientScenarios.filter((name) => expectedFailures[name] === undefined))('%s', (name) => {
    expect(faultsOf(outcomes.get(name))).toEqual([]);
  });

  test.each(clientScenarios.filter((name) => expectedFailures[name] !== undefined))('%s fails, as is known', (name) => {
    expect(outcomes.get(name)?.faults).not.toEqual([]);
  });
});

describe('logins as the coming revision has them', () => {
  test.each(comingLoginScenarios)('%s', async (name) => {
    const outcomes = await runSuite('0.2.0-alpha.12', ['client', ...command, '--scenario', name]);
    expect(faultsOf(outcomes.get(name))).toEqual([]);
  });
});
