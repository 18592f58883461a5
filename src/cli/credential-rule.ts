import { readEnvironment } from '../config/environment/environment.js';
import { errorAt } from '../config/problem.js';
import { pluginEntry } from '../config/sections/plugin-entry.js';
import type { ConfigRule } from '../config/sections/rule-context.js';
import { asList, asRecord } from '../config/written.js';
import { credentialRefusal } from '../external/credential-hooks.js';
import { HookRegistry } from '../hooks/hook-registry.js';

/**
 * What a start would refuse of plugins elsewhere that are on hooks with tokens. Hooks that only their servers name are not
 * known here.
 */
export function checkCredentialHooks(env: NodeJS.ProcessEnv): ConfigRule {
  const registry = new HookRegistry();
  return (config, base, report) => {
    asList(config['plugins']).forEach((plugin, index) => {
      const written = asRecord(plugin);
      const { data } = pluginEntry.schema.safeParse(written);
      // What does not fit the schema is told anyway.
      if (data === undefined || data.kind !== 'external' || data.mode === 'disabled') return;
      const entry = pluginEntry.read(data, written, base);
      const refusal = credentialRefusal(entry, entry.hooks, (name) => registry.get(name), readEnvironment(env));
      if (refusal !== undefined) report(errorAt(['plugins', index, 'hooks'], refusal));
    });
  };
}
