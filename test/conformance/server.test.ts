import { beforeAll, describe, expect, test } from 'vitest';
import { newServerScenarios, serverScenarios } from './scenarios.js';
import { fixtureOverStdio, type Served, serveFixture, serveGateway } from './served.js';
import { type Outcomes, runSuite } from './suite.js';
import { type SuiteVersion, suiteVersions } from './tools.js';

/** What each version is asked for: all that the revision 2025-11-25 requires, and what it runs beside that. */
const asked: Readonly<Record<SuiteVersion, readonly string[]>> = {
  '0.1.16': ['--suite', 'all'],
  '0.2.0-alpha.12': ['--requirements', '2025-11-25'],
};

const served: Readonly<Record<string, (fixture: Served) => Promise<Served>>> = {
  'the gateway in front of the server over stdio': () => serveGateway({ only: fixtureOverStdio }),
  'the gateway in front of the server over HTTP': ({ url }) => serveGateway({ only: { type: 'http', url } }),
  // So that it is known whose fault it is that a scenario fails.
  'the server itself': async ({ url }) => ({ url, [Symbol.asyncDispose]: async () => {} }),
};

describe.each(Object.entries(served))('%s', (_name, serve) => {
  describe.each(suiteVersions)('by version %s', (version) => {
    const wanted = serverScenarios.filter((name) => version !== '0.1.16' || !newServerScenarios.includes(name));
    let outcomes: Outcomes = new Map();

    beforeAll(async () => {
      await using fixture = await serveFixture();
      await using server = await serve(fixture);
      outcomes = await runSuite(version, ['server', '--url', server.url, ...asked[version]]);
    });

    test('every scenario is known', () => {
      expect([...outcomes.keys()].toSorted()).toEqual(wanted.toSorted());
    });

    test.each(wanted)('%s', (name) => {
      const outcome = outcomes.get(name);
      expect(outcome?.faults).toEqual([]);
      expect(outcome?.passed).toBeGreaterThan(0);
    });
  });
});
