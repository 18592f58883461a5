import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEnvironment, readServerEnvironment } from '../../src/config/environment/environment.js';
import { loadConfig } from '../../src/config/load-config.js';
import { variableNames } from '../../src/config/environment/variable-names.js';
import { refusalOf } from '../fixtures/config/refusal.js';

const page = readFileSync('docs/reference/configuration.md', 'utf8');

describe('a variable that is misspelt', () => {
  it.each([
    ['PLUGINS_DEFAULT_HOOK_POLCY', 'PLUGINS_DEFAULT_HOOK_POLICY'],
    ['PLUGIN_DEFAULT_HOOK_POLICY', 'PLUGINS_DEFAULT_HOOK_POLICY'],
    ['plugins_default_hook_polices', 'PLUGINS_DEFAULT_HOOK_POLICY'],
    ['PLUGINS_SSRFPROTECTION_ENABLED', 'PLUGINS_SSRF_PROTECTION_ENABLED'],
    ['PLUGINS_PLUGINTIMEOUT', 'PLUGINS_PLUGIN_TIMEOUT'],
    ['PLUGINS_CLIENT_MTLS_CERT_FILE', 'PLUGINS_CLIENT_MTLS_CERTFILE'],
  ])('%s is a warning that names %s', (name, meant) => {
    expect(loadConfig({}, { env: { [name]: 'deny' } }).warnings).toEqual([
      { path: name, message: `nothing reads this variable; did you mean ${meant}?`, severity: 'warning' },
    ]);
  });

  it.each(['PLUGINS_PLUGIN_TIMEOUT', 'plugins_plugin_timeout', 'PLUGINS_OF_MINE', 'PLUGINS_CLI_COMPLETION', 'PATH'])(
    '%s is none',
    (name) => expect(loadConfig({}, { env: { [name]: '1' } }).warnings).toEqual([]),
  );
});

describe('the names of variables', () => {
  it('are all on the page on configuration', () => {
    const missing = variableNames.filter((name) => {
      const short = name.replace(/^PLUGINS_/, '').replace(/^GRPC_CLIENT_MTLS_/, 'CLIENT_MTLS_');
      return !page.includes(`\`${short}\``) && !page.includes(`\`${short} (`);
    });
    expect(missing).toEqual([]);
  });

  it('are all read', () => {
    // Whatever each of them takes, it is not this.
    const numbers = variableNames.filter((name) =>
      /TIMEOUT|EXPIRY|MAX_|PORT$|REQS|AUTH$|POLICY|LEVEL|TRANSPORT$|POOL$/.test(name),
    );
    expect(numbers.length).toBeGreaterThan(10);
    for (const name of numbers) {
      const env = { [name]: '-?-' };
      const error = refusalOf(() => {
        loadConfig({}, { env });
        readEnvironment(env);
        readServerEnvironment(env);
      });
      expect(error.issues[0]?.path).toBe(name);
    }
  });
});
