import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import type { HookDefinition, HookTypes } from '../../hooks/hook.js';
import { callerOf } from '../../plugins/strictness.js';
import type { ManagerPool } from './manager-pool.js';
import { checkPoolOptions, type ManagerPoolOptions } from './manager-pool-options.js';

/**
 * Loads a configuration, and gives back a pool that makes managers of it: one for each key (a tenant, a team, a tool), with
 * what that key has otherwise. Plugins in code are made for each manager; connections to external plugins are opened once
 * for all managers, and closed with the last that has them.
 *
 * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE for the base
 * @throws GatechartError CONFIG_INVALID for options
 */
export async function createManagerPool<const Own extends readonly HookDefinition[] = []>(
  options: ManagerPoolOptions<Own>,
): Promise<ManagerPool<BuiltInHooks & HookTypes<Own>>> {
  checkPoolOptions(options);
  const isHostStrict = callerOf(createManagerPool) !== 'sloppy';
  // Programs with one manager need not load a pool of them.
  const { openManagerPool } = await import('./open-manager-pool.js');
  return openManagerPool(options, isHostStrict);
}
