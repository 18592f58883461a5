import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { examples } from '../models/chain-examples.js';
import { scenarioArbitrary } from '../models/chain-generator.js';
import { ChainModel } from '../models/chain-model.js';
import { payloads, type Scenario } from '../models/chain-scenario.js';
import { plain } from '../models/scenario-plugins.js';
import { ScenarioRun, withoutEmpty } from '../models/scenario-run.js';

async function expectAsModelled(scenario: Scenario): Promise<void> {
  const model = new ChainModel(scenario);
  const run = await ScenarioRun.of(scenario);
  for (const which of [0, 1] as const) {
    const expected = model.invoke(which);
    const payload = structuredClone(payloads[scenario.hook]);
    expect(await run.invoke(which, payload)).toEqual(expected);
    expect(payload).toEqual(payloads[scenario.hook]);
    expect(run.context.state).toEqual(model.world.state);
    expect(run.notes).toEqual(plain(withoutEmpty(model.world.notes)));
  }
  await run.harness.close();
  expect(run.harness.clock.size).toBe(0);
}

test('a chain does what the plain loop over its phases does', { timeout: 120_000 }, async () => {
  await fc.assert(fc.asyncProperty(scenarioArbitrary, expectAsModelled), { numRuns: 1_000 });
});

test.each(Object.entries(examples))('%s', async (_name, scenario) => {
  await expectAsModelled(scenario);
});
