import { dirname, resolve } from 'node:path';
import { valueAt } from '../json/paths.js';
import type { ConfigIssue } from './config-issue.js';
import { misspeltVariables } from './environment/variable-names.js';
import { type Origin, located } from './origin.js';
import { notePluginLines } from './plugin-lines.js';
import { pathText, type Problem } from './problem.js';
import { checkConfig, type Config, configSchema, readConfig } from './sections/configuration.js';
import { isStrict } from './sections/plugin-settings.js';
import { reportSchemaIssues } from './sections/schema-problems.js';
import type { ConfigRule } from './sections/rule-context.js';
import { invalidConfig, parseYaml, readTemplate } from './source/config-file.js';
import { expandHome, type PathBase } from './source/path-base.js';
import { plainCopy } from './source/plain-data.js';
import type { SourcePosition } from './source/yaml-source.js';
import { asRecord } from './written.js';

/** Where a configuration is read from, beside itself. */
export interface LoadConfigOptions {
  /** What the template and the defaults of settings read. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where relative paths start that are not next to the file. Default: the working directory. */
  readonly cwd?: string;
  /** As `plugin_settings.strict`, whatever the configuration says. Default: what the configuration says. */
  readonly strict?: boolean | undefined;
  /** Further rules, whose problems are told like all others, with their positions. @internal */
  readonly rules?: readonly ConfigRule[];
}

/** A configuration that can be used, and what in it, or in the environment, has no effect. */
export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly ConfigIssue[];
}

/**
 * Loads a configuration from a YAML file (a path) or from a plain object with the same snake_case keys. Only a file is a
 * template over the environment.
 *
 * @throws ConfigError CONFIG_UNREADABLE if the file cannot be read; CONFIG_INVALID with every issue otherwise
 */
export function loadConfig(source: string | object, options: LoadConfigOptions = {}): LoadedConfig {
  const env = options.env ?? process.env;
  const cwd = resolve(options.cwd ?? '.');
  if (typeof source !== 'string') {
    const locate = (): SourcePosition => ({ inserted: false });
    return validate(source, { baseDir: cwd, cwd }, env, { named: 'the configuration', locate, unset: [] }, options);
  }
  const file = resolve(cwd, expandHome(source));
  const template = readTemplate(file, source);
  const yaml = parseYaml(template, source, env);
  const origin: Origin = {
    named: source,
    file: source,
    template,
    locate: (path, at) => yaml.locate(path, at),
    unset: yaml.unset,
  };
  const { config, warnings } = validate(yaml.toData() ?? {}, { baseDir: dirname(file), cwd }, env, origin, options);
  const loaded = { ...config, file };
  const lines = config.plugins.map(
    ({ name }, index) => [name, origin.locate(['plugins', index], 'value').line] as const,
  );
  notePluginLines(loaded, new Map(lines.flatMap(([name, line]) => (line === undefined ? [] : [[name, line]]))));
  return { config: loaded, warnings };
}

function validate(
  source: unknown,
  base: PathBase,
  env: NodeJS.ProcessEnv,
  origin: Origin,
  options: Pick<LoadConfigOptions, 'rules' | 'strict'>,
): LoadedConfig {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const written = plainCopy(source, report);
  const sections = asRecord(written);
  const parsed = configSchema.safeParse(written);
  // What could not be copied is gone, and must not be called missing as well.
  const refused = new Set(problems.map(({ path }) => pathText(path)));
  const reportUnlessRefused = (problem: Problem): void => {
    if (!refused.has(pathText(problem.path))) report(problem);
  };
  if (!parsed.success) reportSchemaIssues(parsed.error, (path) => valueAt(written, path), reportUnlessRefused);
  const strict = options.strict ?? isStrict(sections['plugin_settings']);
  const lineOf = (path: Problem['path']): string => {
    const { line } = origin.locate(path, 'value');
    return line === undefined ? '' : ` on line ${line}`;
  };
  checkConfig(sections, { path: [], base, strict, lineOf, report });
  for (const rule of options.rules ?? []) rule(sections, base, report);

  const { issues, errors } = located(problems, written, origin, strict);
  if (!parsed.success || errors > 0) throw invalidConfig(origin.named, issues, errors);
  const config = readConfig(parsed.data, sections, { base, strict, env });
  return { config, warnings: [...issues, ...misspeltVariables(env)] };
}
