import { dirname, resolve } from 'node:path';
import { invalidConfig, parseYaml, readTemplate } from './source/config-file.js';
import { type ConfigIssue, firstOf } from './config-issue.js';
import { checkRules, type ConfigRule } from './sections/config-rules.js';
import { configSchema, type WrittenConfig } from './sections/config-schema.js';
import { toGrpcServer, toHttpServer, toPluginConfig, toServerLimits } from './sections/config-translation.js';
import { EnvironmentReader } from './environment/environment-reader.js';
import { flag } from './sections/field-schemas.js';
import { expandHome, type PathBase, pluginDirsOf } from './source/path-base.js';
import { plainCopy } from './source/plain-data.js';
import type { Config, ManagerSettings } from './plugin-config.js';
import { describeFound, isSecretPath, type Path, pathText, type Problem } from './problem.js';
import { asList, asRecord } from './written.js';
import { valueAt } from '../json/paths.js';
import { reportSchemaIssues } from './sections/schema-problems.js';
import { misspeltVariables } from './environment/variable-names.js';
import type { SourcePosition, LocatedVariable } from './source/yaml-source.js';
import { excerpt } from '../json/excerpt.js';
import { milliseconds } from '../time/duration.js';

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
    path: file,
    template,
    locate: (path, at) => yaml.locate(path, at),
    unset: yaml.unset,
  };
  return validate(yaml.toData() ?? {}, { baseDir: dirname(file), cwd }, env, origin, options);
}

/** Where a configuration comes from, as far as messages need it. */
interface Origin {
  readonly named: string;
  readonly file?: string;
  /** The file, absolute. */
  readonly path?: string;
  readonly template?: string;
  locate(path: Path, at: 'key' | 'value'): SourcePosition;
  /** Variables that its template puts nothing for. */
  readonly unset: readonly LocatedVariable[];
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
  const parsed = configSchema.safeParse(written);
  // What could not be copied is gone, and must not be called missing as well.
  const refused = new Set(problems.map(({ path }) => pathText(path)));
  const reportUnlessRefused = (problem: Problem): void => {
    if (!refused.has(pathText(problem.path))) report(problem);
  };
  if (!parsed.success) reportSchemaIssues(parsed.error, (path) => valueAt(written, path), reportUnlessRefused);
  const lineOf = (path: Path): string => {
    const { line } = origin.locate(path, 'value');
    return line === undefined ? '' : ` on line ${line}`;
  };
  const strict = options.strict ?? isStrict(written);
  checkRules(asRecord(written), base, lineOf, strict, report);
  for (const rule of options.rules ?? []) rule(asRecord(written), base, report);

  const found: Found[] = [
    ...origin.unset.map((variable) => unsetVariable(variable, strict ? 'error' : 'warning', origin)),
    ...problems.map((problem): Found => {
      const position = positionOfProblem(problem, origin);
      const { severity } = problem;
      return { position, severity, issue: () => issueOf(problem, position, valueAt(written, problem.path), origin) };
    }),
  ].sort(byPosition);
  // Of a file that has thousands of them, only those that are told are put into words.
  const issues = firstOf(found, ({ severity }) => severity).map((entry) => entry.issue());
  const errors = found.filter(({ severity }) => severity === 'error').length;
  if (!parsed.success || errors > 0) throw invalidConfig(origin.named, issues, errors);
  const entries = asList(asRecord(written)['plugins']);
  const { plugins, plugin_dirs: dirs, plugin_settings: settings, server_settings: server } = parsed.data;
  const { grpc_server_settings: grpc, unix_socket_server_settings: unix } = parsed.data;
  const unixLimits = unix ? toServerLimits(unix) : undefined;
  const config: Config = {
    plugins: (plugins ?? []).map((plugin, index) => toPluginConfig(plugin, asRecord(entries[index]), base)),
    pluginDirs: pluginDirsOf(dirs ?? [], base),
    settings: settingsOf(settings, strict, env),
    ...(server ? { server: toHttpServer(server, base) } : {}),
    ...(grpc ? { grpcServer: toGrpcServer(grpc, base) } : {}),
    ...(unix ? { unixSocketServerPath: resolve(base.cwd, expandHome(unix.path)) } : {}),
    ...(unixLimits ? { unixSocketServerLimits: unixLimits } : {}),
    baseDir: base.baseDir,
    ...(origin.path === undefined ? {} : { file: origin.path }),
  };
  return { config, warnings: [...issues, ...misspeltVariables(env)] };
}

/** The file first, then the environment, then the default. */
function settingsOf(
  settings: WrittenConfig['plugin_settings'],
  strict: boolean,
  env: NodeJS.ProcessEnv,
): ManagerSettings {
  const reader = new EnvironmentReader(env);
  const timeout = settings?.plugin_timeout;
  const fromFile = timeout === undefined ? undefined : milliseconds(timeout);
  const result: ManagerSettings = {
    pluginTimeoutMs: fromFile ?? reader.milliseconds('PLUGIN_TIMEOUT', 'positive') ?? 30_000,
    failOnPluginError: settings?.fail_on_plugin_error ?? reader.flag('FAIL_ON_PLUGIN_ERROR') ?? false,
    skipUnloadablePlugins: settings?.skip_unloadable_plugins ?? false,
    ...(strict ? { strict } : {}),
    maxPayloadSize: settings?.max_payload_size ?? 1_000_000,
  };
  reader.finish();
  return result;
}

/** Something to be told, and where it is. */
interface Found {
  readonly position: SourcePosition;
  readonly severity: ConfigIssue['severity'];
  issue(): ConfigIssue;
}

/** Whether a configuration asks for it. What is no flag is told by the schema. */
function isStrict(written: unknown): boolean {
  const asked = flag.safeParse(asRecord(asRecord(written)['plugin_settings'])['strict']);
  return asked.success && asked.data;
}

/** A guard whose token is not set runs without one; where that is meant, the template can say so. */
function unsetVariable({ name, empty, position }: LocatedVariable, severity: Found['severity'], origin: Origin): Found {
  const { line, column } = position;
  const shown = excerpt(name, longestKey);
  const message = `the variable ${shown} is ${empty ? 'empty' : 'not set'}; set it, or give what holds without it, like {{ env.${shown} | default('', true) }}`;
  return {
    position,
    severity,
    issue: () => ({
      ...(origin.file === undefined ? {} : { file: origin.file }),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      path: '',
      message,
      severity,
    }),
  };
}

/** The part of a problem's path that is in the data. */
function presentPath({ path, at }: Problem): Path {
  return at === 'parent' ? path.slice(0, -1) : path;
}

function positionOfProblem(problem: Problem, origin: Origin): SourcePosition {
  return origin.locate(presentPath(problem), problem.at === 'key' ? 'key' : 'value');
}

function issueOf(problem: Problem, position: SourcePosition, value: unknown, origin: Origin): ConfigIssue {
  const { path } = problem;
  const present = presentPath(problem);
  const { line, column, inserted } = position;
  const hidden = inserted || isSecretPath(path);
  const shown = path.map((segment, index) => (index < present.length ? shownKey(segment, origin) : segment));
  return {
    ...(origin.file === undefined ? {} : { file: origin.file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    path: pathText(shown),
    message: problem.message(describeFound(value, hidden)),
    severity: problem.severity,
  };
}

/** A key that came out of the template is shown only if it can be read in the file as well. */
function shownKey(segment: string | number, { template }: Origin): string | number {
  if (typeof segment === 'number') return segment;
  if (template !== undefined && !template.includes(segment)) return '…';
  return segment.length > longestKey ? `${segment.slice(0, longestKey)}…` : segment;
}

const longestKey = 100;

function byPosition({ position: a }: Found, { position: b }: Found): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
