import type { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { milliseconds } from '../../time/duration.js';
import { errorAt, warningAt } from '../problem.js';
import type { PathBase } from '../source/path-base.js';
import { asList, isGiven, type Written } from '../written.js';
import { checkCapabilities } from './capabilities.js';
import { conditionList } from './conditions.js';
import { filledText, mapOf, positiveSeconds } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import type { RuleContext } from './rule-context.js';
import { readSharedFields, type SharedPluginConfig, sharedPluginFields } from './shared-plugin-fields.js';
import {
  checkTransportCount,
  checkTransports,
  describeTransports,
  type ExternalTransports,
  readTransports,
  transportFields,
} from './transports.js';

/** One plugin of a configuration. */
export interface PluginConfig extends SharedPluginConfig, Partial<ExternalTransports> {
  readonly name: string;
  /** `external`, a registered name, or a module specifier with export: `./plugins/deny.js#DenyList`. */
  readonly kind: string;
  /** Milliseconds it may take for one hook; undefined where `plugin_timeout` holds. */
  readonly timeoutMs?: number;
  /**
   * The entry as it was written (snake_case, defaults not filled in): what is merged with remote configurations and
   * served to hosts.
   */
  readonly written: Readonly<Record<string, unknown>>;
}

const schema = mapOf({
  name: filledText,
  kind: filledText,
  ...sharedPluginFields,
  // Not shared: who waits says for how long. A server keeps to its own.
  timeout: positiveSeconds.nullish(),
  ...transportFields,
});

/** What `cpex` writes into every entry for which nobody said another. */
const writtenOutContentSize = 10_000_000;

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
  const { max_content_size: limit } = plugin;
  if (plugin['kind'] !== 'external' && isGiven(limit) && Number(limit) !== writtenOutContentSize) {
    const message = 'has no effect; it limits the answers of plugins of `kind: external`';
    report(warningAt([...path, 'max_content_size'], message));
  }
  checkTransports(plugin, context);
  checkCapabilities(plugin, context);
  if (plugin['on_error'] === 'fail' && plugin['mode'] === 'fire_and_forget') {
    report(warningAt([...path, 'on_error'], 'has no effect; nobody waits for the errors of `mode: fire_and_forget`'));
  }
}

function read(plugin: z.output<typeof schema>, written: Written, base: PathBase): PluginConfig {
  return {
    ...readSharedFields(plugin),
    ...readTransports(plugin, base),
    ...givenFields({ timeoutMs: plugin.timeout && milliseconds(plugin.timeout) }),
    name: plugin.name,
    kind: plugin.kind,
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
    ...describeCpexKeys(config),
  };
}

/** Keys that only `cpex` knows, where they are written. A host derives their defaults from the mode. */
function describeCpexKeys({ onError, capabilities, maxContentSize, written }: PluginConfig): Record<string, unknown> {
  return givenFields({
    on_error: onError,
    capabilities: isGiven(written['capabilities']) ? capabilities.toSorted() : undefined,
    max_content_size: maxContentSize,
  });
}

/** One entry of `plugins`. */
export const pluginEntry = { schema, check, read };
