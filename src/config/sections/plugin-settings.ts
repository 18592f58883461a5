import type { z } from 'zod';
import { milliseconds } from '../../time/duration.js';
import { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { asRecord } from '../written.js';
import { flag, integer, mapOf, oneOf, positiveSeconds } from './field-schemas.js';
import { checkForeignSettings, foreignSettingsFields } from './foreign-settings.js';
import { type ModeDialect, modeDialects } from './plugin-modes.js';

/** The `plugin_settings` section. */
export interface ManagerSettings {
  /** Milliseconds one plugin may take for one hook, where its entry does not say. */
  readonly pluginTimeoutMs: number;
  /** Raise plugin errors in every mode. */
  readonly failOnPluginError: boolean;
  /** Skip plugins that cannot be loaded instead of failing the start. Default false (fail closed). */
  readonly skipUnloadablePlugins: boolean;
  /** What would only be warned of fails the load or the start: plugins that never run, changes that are lost, variables that are not set. */
  readonly strict?: boolean;
  /** Characters and bytes a payload may have, all of it counted; see `docs/reference/configuration.md`. */
  readonly maxPayloadSize: number;
  /** What the modes of 1.0.0 mean. */
  readonly modeDialect: ModeDialect;
  /** How many plugins of one invocation run at once, those in the background apart; 0 for no limit. */
  readonly executionPool: number;
  /** Milliseconds after which a plugin that was disabled for an error is tried once more; undefined: never. */
  readonly disabledRetryAfterMs: number | undefined;
}

const schema = mapOf({
  plugin_timeout: positiveSeconds.optional(),
  fail_on_plugin_error: flag.optional(),
  skip_unloadable_plugins: flag.default(false),
  strict: flag.default(false),
  max_payload_size: integer(0).default(1_000_000),
  mode_dialect: oneOf(...modeDialects).default('contextforge'),
  execution_pool: integer(0).nullish(),
  disabled_retry_after: positiveSeconds.nullish(),
  ...foreignSettingsFields,
});

/** What holds where the section does not say. */
export const settingsVariables = {
  pluginTimeout: variable.milliseconds('PLUGIN_TIMEOUT', 'positive'),
  failOnPluginError: variable.flag('FAIL_ON_PLUGIN_ERROR'),
  executionPool: variable.number('EXECUTION_POOL', integer(0)),
};

/**
 * The section first, then the environment, then the default.
 *
 * @throws ConfigError CONFIG_INVALID naming every variable that is needed and wrong
 */
function read(
  settings: z.output<typeof schema> | null | undefined,
  strict: boolean,
  env: NodeJS.ProcessEnv,
): ManagerSettings {
  const reader = new EnvironmentReader(env);
  const timeout = settings?.plugin_timeout;
  const fromFile = timeout === undefined ? undefined : milliseconds(timeout);
  const retryAfter = settings?.disabled_retry_after ?? undefined;
  const result: ManagerSettings = {
    pluginTimeoutMs: fromFile ?? settingsVariables.pluginTimeout.read(reader) ?? 30_000,
    failOnPluginError: settings?.fail_on_plugin_error ?? settingsVariables.failOnPluginError.read(reader) ?? false,
    skipUnloadablePlugins: settings?.skip_unloadable_plugins ?? false,
    ...(strict ? { strict } : {}),
    maxPayloadSize: settings?.max_payload_size ?? 1_000_000,
    modeDialect: settings?.mode_dialect ?? 'contextforge',
    executionPool: settings?.execution_pool ?? settingsVariables.executionPool.read(reader) ?? 10,
    disabledRetryAfterMs: retryAfter === undefined ? undefined : milliseconds(retryAfter),
  };
  reader.finish();
  return result;
}

/** Whether a configuration asks for it. What is no flag is told by the schema. */
export function isStrict(settings: unknown): boolean {
  const asked = flag.safeParse(asRecord(settings)['strict']);
  return asked.success && asked.data;
}

export const pluginSettings = { schema, check: checkForeignSettings, read };
