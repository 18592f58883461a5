import { ConfigError } from '../config/config-issue.js';
import { type LoadConfigOptions, type LoadedConfig, loadConfig } from '../config/load-config.js';
import { readTemplate, readTemplateFrom } from '../config/source/config-file.js';
import { expandHome } from '../config/source/path-base.js';
import { GatechartError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { type ConfigReport, reportOf, reportsJson, reportText } from './config-report.js';
import { checkCredentialHooks } from './credential-rule.js';
import { checkKindsAndHooks } from './kinds-and-hooks.js';

/** The command line of `gatechart check-config`. */
export interface CheckOptions {
  /** One more file. */
  readonly config?: string | undefined;
  /** As `plugin_settings.strict`: plugins that never run, changes that are lost and variables that are not set are errors. */
  readonly strict?: boolean | undefined;
  /** Runs the modules that the kinds name, and constructs the plugins. */
  readonly load?: boolean | undefined;
  /** Prints one JSON document instead of lines. */
  readonly json?: boolean | undefined;
}

/** The process around the command. */
export interface CheckIo extends CommandIo {
  /** Read where a file is called `-`. */
  readonly stdin?: AsyncIterable<unknown>;
}

/** What messages call standard input. Paths in it start in the working directory, as those of a file there would. */
const standardInput = '<stdin>';

/**
 * `gatechart check-config FILE…`: prints everything that is wrong with each file, then a line that counts it.
 *
 * @returns the exit code: 0 all usable, 1 one is invalid, 2 one is unreadable
 * @throws GatechartError CONFIG_INVALID for standard input twice
 */
export async function checkConfig(files: readonly string[], io: CheckIo, options: CheckOptions = {}): Promise<number> {
  const named = options.config === undefined ? files : [...files, options.config];
  if (named.filter((file) => file === '-').length > 1)
    throw new GatechartError('CONFIG_INVALID', '-: standard input can be read once');
  const reports: ConfigReport[] = [];
  for (const file of named) {
    const report = await reportOf(file === '-' ? standardInput : file, () => check(file, io, options));
    reports.push(report);
    if (options.json === true) continue;
    if (report.verdict === 'unreadable') io.stderr.write(`${report.problems[0]?.message}\n`);
    else io.stdout.write(reportText(report));
  }
  if (options.json === true) io.stdout.write(reportsJson(reports));
  return Math.max(...reports.map(({ verdict }) => exitCodes[verdict]));
}

const exitCodes = { usable: 0, invalid: 1, unreadable: 2 } as const;

async function check(file: string, { env, stdin }: CheckIo, { strict, load }: CheckOptions): Promise<LoadedConfig> {
  const source = file === '-' ? standardInput : file;
  // Once: what is loaded and what is checked must be one text, and standard input can be read only once.
  const text =
    file === '-' ? await readTemplateFrom(stdin ?? process.stdin, source) : readTemplate(expandHome(file), file);
  const rules = [checkKindsAndHooks, checkCredentialHooks(env)];
  const options: LoadConfigOptions = { env, text, strict: strict === true ? true : undefined };
  const { LoadedKinds } = await import('./loaded-kinds.js');
  const kinds = new LoadedKinds(load === true ? 'all' : 'ready-made');
  try {
    const loaded = loadConfig(source, { ...options, rules: [...rules, kinds.collect] });
    if (kinds.isEmpty) return loaded;
  } catch (error) {
    // Told below, with what loading finds.
    if (kinds.isEmpty || !(error instanceof ConfigError)) throw error;
  }
  const { mistakes, lostChanges } = await kinds.problems(env);
  return loadConfig(source, {
    ...options,
    rules: [
      ...rules,
      (_config, _base, report, isStrict) => {
        for (const mistake of mistakes) report(mistake);
        for (const lost of lostChanges) report(isStrict ? { ...lost, severity: 'error' } : lost);
      },
    ],
  });
}
