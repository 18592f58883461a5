import { ConfigError, type ConfigIssue, countOf, issueLocation } from '../config/config-issue.js';
import { loadConfig } from '../config/load-config.js';
import type { CommandIo } from './command-io.js';
import { checkCredentialHooks } from './credential-rule.js';
import { checkKindsAndHooks } from './kinds-and-hooks.js';

export interface CheckOptions {
  /** As `plugin_settings.strict`: plugins that never run and variables that are not set are errors. */
  readonly strict?: boolean | undefined;
}

/**
 * `gatechart check-config FILE`: prints everything that is wrong with a file, then a line that counts it.
 *
 * @returns the exit code: 0 usable, 1 invalid, 2 unreadable
 */
export async function checkConfig(file: string, io: CommandIo, options: CheckOptions = {}): Promise<number> {
  try {
    const { config, warnings } = loadConfig(file, {
      env: io.env,
      rules: [checkKindsAndHooks, checkCredentialHooks(io.env)],
      strict: options.strict === true ? true : undefined,
    });
    print(warnings, io);
    io.stdout.write(`${file}: ${countOf(config.plugins.length, 'plugin')}, ${totals(warnings)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (error.code === 'CONFIG_UNREADABLE') {
      io.stderr.write(`${error.message}\n`);
      return 2;
    }
    print(error.issues, io);
    if (error.unlisted > 0) io.stdout.write(`and ${countOf(error.unlisted, 'more error')}\n`);
    io.stdout.write(`${file}: ${totals(error.issues, error.unlisted)}\n`);
    return 1;
  }
}

function print(issues: readonly ConfigIssue[], io: CommandIo): void {
  for (const issue of issues) {
    const words = [issueLocation(issue), issue.severity, issue.path].filter((word) => word !== '');
    io.stdout.write(`${words.join(' ')}: ${issue.message}\n`);
  }
}

function totals(issues: readonly ConfigIssue[], unlisted = 0): string {
  const count = (severity: ConfigIssue['severity']): number =>
    issues.filter((issue) => issue.severity === severity).length;
  return `${countOf(count('error') + unlisted, 'error')}, ${countOf(count('warning'), 'warning')}`;
}
