import type { z } from 'zod';
import { milliseconds } from '../../time/duration.js';
import { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { asRecord } from '../written.js';
import { flag, integer, mapOf, positiveSeconds } from './field-schemas.js';
import { checkForeignSettings, foreignSettingsFields } from './foreign-settings.js';

/** The `plugin_settings` section. */
export interface ManagerSettings {
  /** Milliseconds one plugin may take for one hook. */
  readonly pluginTimeoutMs: number;
  /** Raise plugin errors in every mode. */
  readonly failOnPluginError: boolean;
  /** Skip plugins that cannot be loaded instead of failing the start. Default false (fail closed). */
  readonly skipUnloadablePlugins: boolean;
  /** What would only be warned of fails the load or the start: plugins that never run, variables that are not set. */
  readonly strict?: boolean;
  /** Characters and bytes a payload may have, all of it counted; see `docs/reference/configuration.md`. */
  readonly maxPayloadSize: number;
}

const schema = mapOf({
  plugin_timeout: positiveSeconds.optional(),
  fail_on_plugin_error: flag.optional(),
  skip_unloadable_plugins: flag.default(false),
  strict: flag.default(false),
  max_payload_size: integer(0).default(1_000_000),
  ...foreignSettingsFields,
});

/** What holds where the section does not say. */
export const settingsVariables = {
  pluginTimeout: variable.milliseconds('PLUGIN_TIMEOUT', 'positive'),
  failOnPluginError: variable.flag('FAIL_ON_PLUGIN_ERROR'),
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
  const result: ManagerSettings = {
    pluginTimeoutMs: fromFile ?? settingsVariables.pluginTimeout.read(reader) ?? 30_000,
    failOnPluginError: settings?.fail_on_plugin_error ?? settingsVariables.failOnPluginError.read(reader) ?? false,
    skipUnloadablePlugins: settings?.skip_unloadable_plugins ?? false,
    ...(strict ? { strict } : {}),
    maxPayloadSize: settings?.max_payload_size ?? 1_000_000,
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
