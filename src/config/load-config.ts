import { dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ConfigIssue } from './config-issue.js';
import { entryPlaces, noteEntryPlaces } from './entry-places.js';
import { idleVariables } from './environment/idle-variables.js';
import { misspeltVariables } from './environment/variable-names.js';
import { type Origin, located } from './origin.js';
import { notePluginLines } from './plugin-lines.js';
import { pathText, type Problem } from './problem.js';
import { checkConfig, type Config, isLong, parseInParts, readConfig } from './sections/configuration.js';
import { knownPlugins, noteRepeatable } from './sections/known-plugins.js';
import { isStrict } from './sections/plugin-settings.js';
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
  /** The text of the file where it has been read: `source` only names it. @internal */
  readonly text?: string | undefined;
  /** As it was loaded last: what it says again of plugins need not be read again. @internal */
  readonly before?: Config | undefined;
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
  const loading = loadInParts(source, options);
  for (;;) {
    const { done, value } = loading.next();
    if (done === true) return value;
  }
}

/**
 * The same, with the event loop going on between parts where there are many entries. What is read from outside is read at
 * once: the file, or the object, may change meanwhile.
 */
export async function loadConfigInTurns(
  source: string | object,
  options: LoadConfigOptions = {},
): Promise<LoadedConfig> {
  const loading = loadInParts(source, options);
  for (;;) {
    const { done, value } = loading.next();
    if (done === true) return value;
    await setImmediate();
  }
}

function* loadInParts(source: string | object, options: LoadConfigOptions): Generator<undefined, LoadedConfig> {
  const env = options.env ?? process.env;
  const cwd = resolve(options.cwd ?? '.');
  if (typeof source !== 'string') {
    const locate = (): SourcePosition => ({ inserted: false });
    return yield* validate(
      source,
      { baseDir: cwd, cwd },
      env,
      { named: 'the configuration', locate, unset: [] },
      options,
    );
  }
  const file = resolve(cwd, expandHome(source));
  const template = options.text ?? readTemplate(file, source);
  const yaml = parseYaml(template, source, env);
  const origin: Origin = {
    named: source,
    file: source,
    template,
    locate: (path, at) => yaml.locate(path, at),
    unset: yaml.unset,
  };
  const { config, warnings } = yield* validate(
    yaml.toData() ?? {},
    { baseDir: dirname(file), cwd },
    env,
    origin,
    options,
  );
  const loaded = { ...config, file };
  const places = entryPlaces(config);
  if (places !== undefined) noteEntryPlaces(loaded, places);
  const lines = config.plugins.map(
    ({ name }, index) => [name, origin.locate(['plugins', index], 'value').line] as const,
  );
  notePluginLines(loaded, new Map(lines.flatMap(([name, line]) => (line === undefined ? [] : [[name, line]]))));
  return { config: loaded, warnings };
}

function* validate(
  source: unknown,
  base: PathBase,
  env: NodeJS.ProcessEnv,
  origin: Origin,
  options: Pick<LoadConfigOptions, 'before' | 'rules' | 'strict'>,
): Generator<undefined, LoadedConfig> {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const written = plainCopy(source, report);
  const sections = asRecord(written);
  // What could not be copied is gone, and must not be called missing as well.
  const refused = new Set(problems.map(({ path }) => pathText(path)));
  const reportUnlessRefused = (problem: Problem): void => {
    if (!refused.has(pathText(problem.path))) report(problem);
  };
  const known = options.before === undefined ? [] : knownPlugins(options.before.plugins, sections['plugins']);
  const parsed = yield* parseInParts(written, reportUnlessRefused, known);
  if (isLong(sections)) yield;
  const strict = options.strict ?? isStrict(sections['plugin_settings']);
  const lineOf = (path: Problem['path']): string => {
    const { line } = origin.locate(path, 'value');
    return line === undefined ? '' : ` on line ${line}`;
  };
  checkConfig(sections, { path: [], base, strict, lineOf, report }, known);
  for (const rule of options.rules ?? []) rule(sections, base, report, strict);

  const { issues, errors } = located(problems, written, origin, strict);
  if (parsed === undefined || errors > 0) throw invalidConfig(origin.named, issues, errors);
  if (isLong(sections)) yield;
  const config = readConfig(parsed, sections, { base, strict, env, known });
  noteRepeatable(config.plugins, problems);
  let indexes: ReadonlyMap<string, number> | undefined;
  noteEntryPlaces(config, (name, inside) => {
    // Not before one is asked for, and then for as many as are asked for.
    indexes ??= new Map(config.plugins.map((plugin, index) => [plugin.name, index]));
    const index = indexes.get(name) ?? -1;
    const placed = inside.map((problem) => ({ ...problem, path: ['plugins', index, ...problem.path] }));
    return located(placed, written, { ...origin, unset: [] }, strict).issues;
  });
  return { config, warnings: [...issues, ...misspeltVariables(env), ...idleVariables(env)] };
}
