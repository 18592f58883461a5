import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Chain } from './chains/chain.js';
import { compare, differencesFrom, report } from './chains/comparison.js';
import { chains, runsInOurOrder } from './chains/generator.js';
import { type PythonChains, startPythonChains } from './chains/python-chains.js';

const pythons = inject('pythons');
const { INTEROP_SEED, INTEROP_PATH, INTEROP_CHAINS = '1000' } = process.env;

describe.runIf(pythons !== null).each(['1.0.0', 'cpex'] as const)('generated chains, beside %s', (implementation) => {
  let python: PythonChains;
  beforeAll(() => {
    python = startPythonChains(implementation, pythons?.[implementation] ?? '');
  });
  afterAll(() => python.close());

  test('end the same', async () => {
    const differences = differencesFrom(implementation);
    let leftOut = 0;
    const supported = chains(implementation).filter((chain) => {
      const runs = implementation === '1.0.0' || runsInOurOrder(chain);
      if (!runs) leftOut++;
      return runs;
    });
    const seed = INTEROP_SEED === undefined ? Date.now() % 2 ** 31 : Number(INTEROP_SEED);
    const started = Date.now();
    let runs = 0;
    const details = await fc.check(
      fc.asyncProperty(supported, async (generated) => {
        const chain: Chain = JSON.parse(JSON.stringify(generated));
        runs++;
        const comparison = await compare(chain, python, differences);
        return comparison.equal;
      }),
      { seed, numRuns: Number(INTEROP_CHAINS), ...(INTEROP_PATH && { path: INTEROP_PATH }) },
    );
    console.log(`${implementation}: seed ${seed}, ${runs} chains in ${Date.now() - started} ms, ${leftOut} left out`);
    if (details.failed) {
      const chain: Chain = JSON.parse(JSON.stringify(details.counterexample?.[0]));
      const said = details.counterexamplePath;
      if (details.errorInstance) console.log(details.errorInstance);
      expect.fail(
        `INTEROP_SEED=${seed} INTEROP_PATH=${said}\n${report(chain, await compare(chain, python, differences))}`,
      );
    }
  }, 300_000);
});
