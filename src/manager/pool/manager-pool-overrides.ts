import { z } from 'zod';
import { ConfigError, type ConfigIssue, countOf, firstOf } from '../../config/config-issue.js';
import { type LoadedConfig } from '../../config/load-config.js';
import { describeFound, errorAt, isSecretPath, pathText, type Problem } from '../../config/problem.js';
import type { Config } from '../../config/sections/configuration.js';
import { anyMap, filledText, integer, mapOf, oneOf } from '../../config/sections/field-schemas.js';
import { givenFields } from '../../config/sections/given-fields.js';
import { type PluginConfig, pluginEntry } from '../../config/sections/plugin-entry.js';
import {
  type OnError,
  onErrorNames,
  type PluginModeName,
  pluginModeNames,
} from '../../config/sections/plugin-modes.js';
import { reportSchemaIssues } from '../../config/sections/schema-problems.js';
import { plainCopy } from '../../config/source/plain-data.js';
import { suggestionFor } from '../../config/suggestion.js';
import { isGiven } from '../../config/written.js';
import { valueAt } from '../../json/paths.js';

/** What one key of a pool has otherwise than the base, for one plugin. What is left out, or null, stays as it is. */
export interface PluginOverride {
  /** A plugin of the base. */
  readonly name: string;
  /** Laid over the plugin's `config`, key by key: what is under a key is replaced whole. Not for external plugins. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** `disabled` leaves the plugin out. */
  readonly mode?: PluginModeName | null | undefined;
  readonly onError?: OnError | null | undefined;
  /** The same as `onError`, for overrides that come as JSON. */
  readonly on_error?: OnError | null | undefined;
  readonly priority?: number | null | undefined;
}

const schema = z.array(
  mapOf({
    name: filledText,
    config: anyMap.nullish(),
    mode: oneOf(...pluginModeNames).nullish(),
    onError: oneOf(...onErrorNames).nullish(),
    on_error: oneOf(...onErrorNames).nullish(),
    priority: integer().nullish(),
  }),
  { error: 'a list of overrides' },
);

type Override = z.output<typeof schema>[number];

/**
 * A configuration with the overrides of one key.
 *
 * @param overrides undefined and null say that there are none
 * @throws ConfigError CONFIG_INVALID naming every override that cannot be followed
 */
export function withOverrides({ config }: LoadedConfig, overrides: unknown, key: string): LoadedConfig {
  if (overrides === undefined || overrides === null) return { config, warnings: [] };
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const written = plainCopy(overrides, report);
  const parsed = schema.safeParse(written);
  // What could not be copied is gone, and must not be called missing as well.
  const refused = new Set(problems.map(({ path }) => pathText(path)));
  const reportUnlessRefused = (problem: Problem): void => {
    if (!refused.has(pathText(problem.path))) report(problem);
  };
  if (!parsed.success) reportSchemaIssues(parsed.error, (path) => valueAt(written, path), reportUnlessRefused);
  const plugins = parsed.success ? overridden(config, parsed.data, report) : config.plugins;

  const issues = firstOf(problems, ({ severity }) => severity).map((problem) => issueOf(problem, written));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) {
    const listed = issues.filter(({ severity }) => severity === 'error').length;
    const summary = `the overrides of ${JSON.stringify(key)} have ${countOf(errors, 'error')}`;
    throw new ConfigError('CONFIG_INVALID', summary, issues, { unlisted: errors - listed });
  }
  return { config: { ...config, plugins }, warnings: issues };
}

function overridden(
  config: Config,
  overrides: readonly Override[],
  report: (problem: Problem) => void,
): readonly PluginConfig[] {
  const names = config.plugins.map(({ name }) => name);
  const indexOf = new Map<string, number>();
  for (const [index, { name, onError, on_error }] of overrides.entries()) {
    const earlier = indexOf.get(name);
    if (!names.includes(name)) report(unknownPlugin(index, name, names));
    if (earlier !== undefined) report(errorAt([index, 'name'], `plugin ${name} has overrides at [${earlier}] already`));
    if (isGiven(onError) && isGiven(on_error)) {
      report(errorAt([index, 'on_error'], 'is the same as `onError`, and only one of them can be given', 'key'));
    }
    indexOf.set(name, index);
  }
  return config.plugins.map((plugin) => {
    const index = indexOf.get(plugin.name);
    const override = index === undefined ? undefined : overrides[index];
    if (index === undefined || override === undefined) return plugin;
    const merged = mergedEntry(plugin, override);
    checkRules(merged, config, (problem) => report({ ...problem, path: [index, ...problem.path] }));
    return merged;
  });
}

/** The same keys also as they would be written, because those win over what a plugin's server says. */
function mergedEntry(plugin: PluginConfig, { mode, priority, config, ...override }: Override): PluginConfig {
  const onError = override.onError ?? override.on_error;
  const merged = config && { ...plugin.config, ...config };
  return {
    ...plugin,
    ...givenFields({ mode, priority, onError, config: merged }),
    written: { ...plugin.written, ...givenFields({ mode, priority, on_error: onError, config: merged }) },
  };
}

/** What must hold between the keys of an entry; what only concerns the base has been told when that was loaded. */
function checkRules(
  { written }: PluginConfig,
  { baseDir, settings }: Config,
  report: (problem: Problem) => void,
): void {
  const strict = settings.strict ?? false;
  pluginEntry.check(written, {
    path: [],
    base: { baseDir, cwd: process.cwd() },
    strict,
    lineOf: () => '',
    report: (problem) => {
      const [key] = problem.path;
      if (problem.severity === 'error' || key === 'on_error') report(problem);
    },
  });
}

function unknownPlugin(index: number, name: string, names: readonly string[]): Problem {
  const meant = suggestionFor(name, names);
  const hint = meant === undefined ? `expected one of ${names.join(', ')}` : `did you mean \`${meant}\`?`;
  return errorAt([index, 'name'], (found) => `the base has no plugin of this name, found ${found}; ${hint}`);
}

function issueOf({ path, message, severity }: Problem, written: unknown): ConfigIssue {
  return {
    path: pathText(path),
    message: message(describeFound(valueAt(written, path), isSecretPath(path))),
    severity,
  };
}
