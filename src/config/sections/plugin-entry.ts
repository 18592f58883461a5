import type { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { errorAt, warningAt } from '../problem.js';
import type { PathBase } from '../source/path-base.js';
import { asList, type Written } from '../written.js';
import { appliedTo } from './applied-to.js';
import { capabilityList, checkCapabilities } from './capabilities.js';
import { type Condition, conditionList } from './conditions.js';
import { anyMap, filledText, filledTexts, integer, mapOf, oneOf, optionalText, texts } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import { type OnError, onErrorNames, type PluginModeName, pluginModeNames } from './plugin-modes.js';
import type { RuleContext } from './rule-context.js';
import {
  checkTransportCount,
  checkTransports,
  describeTransports,
  type ExternalTransports,
  readTransports,
  transportFields,
} from './transports.js';

/** One plugin of a configuration. */
export interface PluginConfig extends Partial<ExternalTransports> {
  readonly name: string;
  /** `external`, a registered name, or a module specifier with export: `./plugins/deny.js#DenyList`. */
  readonly kind: string;
  readonly description?: string;
  readonly author?: string;
  readonly namespace?: string;
  readonly version?: string;
  readonly hooks: readonly string[];
  readonly tags: readonly string[];
  readonly mode: PluginModeName;
  /** What comes of its errors; undefined where its mode decides. */
  readonly onError?: OnError;
  /** Lower runs first, within the phase of its mode. */
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly appliedTo?: Readonly<Record<string, unknown>>;
  /** Which extensions it may read and write. */
  readonly capabilities: readonly string[];
  /** What its own schema validates. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * The entry as it was written (snake_case, defaults not filled in): what is merged with remote configurations and
   * served to hosts.
   */
  readonly written: Readonly<Record<string, unknown>>;
}

/** What may also come from an external plugin's server. */
export const sharedPluginFields = {
  description: optionalText,
  author: optionalText,
  namespace: optionalText,
  version: optionalText,
  hooks: filledTexts,
  tags: texts,
  mode: oneOf(...pluginModeNames).default('enforce'),
  priority: integer().default(100),
  conditions: conditionList.schema.nullish(),
  applied_to: appliedTo.nullish(),
  config: anyMap.nullish(),
  on_error: oneOf(...onErrorNames).nullish(),
  capabilities: capabilityList,
  max_content_size: integer(0).nullish(),
};

const schema = mapOf({
  name: filledText,
  kind: filledText,
  ...sharedPluginFields,
  ...transportFields,
});

function check(plugin: Written, context: RuleContext): void {
  const { path, strict, report } = context;
  checkTransportCount(plugin, context);
  if (plugin['kind'] === 'external' && isRecord(plugin['config']) && Object.keys(plugin['config']).length > 0) {
    const message = 'an external plugin takes no `config`; it is set where the plugin is served';
    report(errorAt([...path, 'config'], message, 'key'));
  }
  // A guard that never runs looks like one that finds nothing. Servers tell the hooks of external plugins that give none.
  const leavesHooksToServer = plugin['kind'] === 'external' && !Array.isArray(plugin['hooks']);
  if (plugin['mode'] !== 'disabled' && !leavesHooksToServer && asList(plugin['hooks']).length === 0) {
    const message = 'this plugin never runs: it lists no `hooks`';
    report(strict ? errorAt(path, message, 'key') : warningAt(path, message));
  }
  checkTransports(plugin, context);
  checkCapabilities(plugin, context);
  if (plugin['on_error'] === 'fail' && plugin['mode'] === 'fire_and_forget') {
    report(warningAt([...path, 'on_error'], 'has no effect; nobody waits for the errors of `mode: fire_and_forget`'));
  }
}

function read(plugin: z.output<typeof schema>, written: Written, base: PathBase): PluginConfig {
  return {
    ...givenFields({
      description: plugin.description,
      author: plugin.author,
      namespace: plugin.namespace,
      version: plugin.version,
      appliedTo: plugin.applied_to,
      config: plugin.config,
      onError: plugin.on_error,
    }),
    ...readTransports(plugin, base),
    name: plugin.name,
    kind: plugin.kind,
    hooks: plugin.hooks ?? [],
    tags: plugin.tags ?? [],
    mode: plugin.mode,
    priority: plugin.priority,
    capabilities: plugin.capabilities ?? [],
    conditions: conditionList.read(plugin.conditions ?? []),
    written,
  };
}

/**
 * A plugin's configuration as hosts ask for it: snake_case, with every key and its default, null where there is none.
 * The mode is the one that was written, since a host refuses a mode of another generation. Secrets (key passwords, the
 * environment of child processes) are served as null, but what a plugin's own `config` holds is served as it is: nobody
 * but the plugin knows what in it is secret.
 */
export function describePluginConfig(config: PluginConfig): Record<string, unknown> {
  return {
    name: config.name,
    description: config.description ?? null,
    author: config.author ?? null,
    kind: config.kind,
    namespace: config.namespace ?? null,
    version: config.version ?? null,
    hooks: [...config.hooks],
    tags: [...config.tags],
    mode: config.mode,
    priority: config.priority,
    conditions: conditionList.describe(config.conditions),
    applied_to: config.appliedTo ?? null,
    config: config.config ?? null,
    ...describeTransports(config),
    ...describeCpexKeys(config.written),
  };
}

/** Keys that only `cpex` knows, as they were written. A host derives their defaults from the mode. */
function describeCpexKeys(written: Written): Record<string, unknown> {
  const keys = ['on_error', 'capabilities', 'max_content_size'].filter((key) => key in written);
  return Object.fromEntries(keys.map((key) => [key, written[key]]));
}

/** One entry of `plugins`. */
export const pluginEntry = { schema, check, read };
