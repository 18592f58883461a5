import { ConfigError } from '../config/config-issue.js';
import { leavesOrderToServer } from '../config/sections/order-rule.js';
import { describeConflict, orderConflicts } from '../config/sections/phase-order.js';
import type { Config } from '../config/sections/configuration.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';

/** The entries whose place in their chains is known before anything has started. */
export function placedEntries({ plugins }: Config): PluginConfig[] {
  return plugins.filter(({ kind, written }) => kind !== 'external' || !leavesOrderToServer(written));
}

/**
 * Refuses plugins that would run in another order than their modes ask for: a gate would look at what is not the request
 * yet.
 *
 * @param plugins in the order of the configuration
 * @throws ConfigError CONFIG_INVALID
 */
export function requireOrder(plugins: readonly PluginConfig[], config: Config): void {
  const issues = orderConflicts(plugins).map((conflict) => ({
    ...(config.file === undefined ? {} : { file: config.file }),
    path: `plugins[${config.plugins.findIndex(({ name }) => name === conflict.early.name)}].mode`,
    message: describeConflict(conflict),
    severity: 'error' as const,
  }));
  if (issues.length === 0) return;
  const named = config.file ?? 'the configuration';
  throw new ConfigError('CONFIG_INVALID', `${named} has plugins that would run in the wrong order:`, issues);
}
