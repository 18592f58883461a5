import type { ConfigInput } from '../../catalogue/config-input.js';
import { checkOptionNames, invalid } from '../../config/code-options.js';
import { checkOptionNumbers } from '../../config/option-values.js';
import { describeValue } from '../../json/described-value.js';
import type { HookDefinition } from '../../hooks/hook.js';
import { checkOptionValues, managerOptionNames, type ManagerOptions } from '../manager-options.js';
import type { PluginOverride } from './manager-pool-overrides.js';

/** What a pool of managers is made of: the options of each manager, and where its managers differ. */
export interface ManagerPoolOptions<Own extends readonly HookDefinition[] = readonly HookDefinition[]>
  extends Omit<ManagerOptions<Own>, 'config' | 'watch'> {
  /**
   * The configuration that all have in common, read once, and by `reload`: a path or `file:` URL of a YAML file, or a plain object with the
   * same keys. Default: `PLUGINS_CONFIG_FILE`, or plugins/config.yaml.
   */
  readonly base?: string | URL | ConfigInput;
  /**
   * What a key has otherwise, asked for when its manager is first wanted and again when that may have changed. Undefined
   * says that nothing is. What it throws, those get who asked for that key, and nobody else; so does a plugin or a value
   * that is not known. It may take `startTimeoutMs`; then `signal` aborts.
   */
  readonly overridesFor: (
    key: string,
    signal: AbortSignal,
  ) => readonly PluginOverride[] | undefined | Promise<readonly PluginOverride[] | undefined>;
  /**
   * Milliseconds after which a manager is not given to anybody before its overrides have been asked for again; if they are
   * the same, it is kept. Default 30,000.
   */
  readonly ttlMs?: number;
  /**
   * Managers that there may be, those that are being retired not counted. Where one more is wanted, the one that was not
   * asked for the longest is retired, first of those that nobody uses. Default 100.
   */
  readonly max?: number;
  /** Milliseconds that who uses a manager may go on when it is retired; then it is closed. Default 30,000. */
  readonly drainMs?: number;
}

/** What only a pool is told, with its defaults. */
export const poolDefaults = { ttlMs: 30_000, max: 100, drainMs: 30_000 };

const ownNames: readonly string[] = ['base', 'overridesFor', ...Object.keys(poolDefaults)];
const names = [...ownNames, ...managerOptionNames.filter((name) => name !== 'config' && name !== 'watch')];

/** @throws GatechartError CONFIG_INVALID */
export function checkPoolOptions(options: ManagerPoolOptions): void {
  checkOptionNames(options, names, 'createManagerPool');
  checkOptionValues(options);
  const { overridesFor, ttlMs, max, drainMs }: Partial<Record<keyof ManagerPoolOptions, unknown>> = options;
  if (typeof overridesFor !== 'function') {
    throw invalid(`options.overridesFor is ${describeValue(overridesFor)}, expected a function`);
  }
  checkOptionNumbers({ ttlMs, max, drainMs }, 'options');
}
