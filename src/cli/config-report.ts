import { ConfigError, type ConfigIssue, countOf, issueLocation } from '../config/config-issue.js';
import type { LoadedConfig } from '../config/load-config.js';

/** What `check-config` has found in one file. */
export interface ConfigReport {
  /** As it was named. */
  readonly file: string;
  readonly verdict: 'usable' | 'invalid' | 'unreadable';
  /** How many plugins it has; undefined where it cannot be used. */
  readonly plugins: number | undefined;
  readonly problems: readonly ConfigIssue[];
  /** Errors beyond those in `problems`. */
  readonly unlisted: number;
}

/** @throws whatever else `check` throws than a ConfigError */
export async function reportOf(file: string, check: () => Promise<LoadedConfig>): Promise<ConfigReport> {
  try {
    const { config, warnings } = await check();
    return { file, verdict: 'usable', plugins: config.plugins.length, problems: warnings, unlisted: 0 };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { issues, unlisted } = error;
    if (error.code !== 'CONFIG_UNREADABLE')
      return { file, verdict: 'invalid', plugins: undefined, problems: issues, unlisted };
    const problem = { file, path: '', message: error.message, severity: 'error' } as const;
    return { file, verdict: 'unreadable', plugins: undefined, problems: [problem], unlisted };
  }
}

/** A line for each problem, and one that counts them. */
export function reportText({ file, plugins, problems, unlisted }: ConfigReport): string {
  const counted = plugins === undefined ? '' : `${countOf(plugins, 'plugin')}, `;
  return [
    ...problems.map((issue) => {
      const words = [issueLocation(issue), issue.severity, issue.path].filter((word) => word !== '');
      return `${words.join(' ')}: ${issue.message}\n`;
    }),
    ...(unlisted > 0 ? [`and ${countOf(unlisted, 'more error')}\n`] : []),
    `${file}: ${counted}${countOf(errorsIn({ problems, unlisted }), 'error')}, ${countOf(warningsIn({ problems }), 'warning')}\n`,
  ].join('');
}

/** The same for programs: one document for all files. */
export function reportsJson(reports: readonly ConfigReport[]): string {
  const files = reports.map((report) => ({
    file: report.file,
    usable: report.verdict === 'usable',
    errors: errorsIn(report),
    warnings: warningsIn(report),
    unlisted: report.unlisted,
    problems: report.problems.map(({ file, line, column, path, severity, message }) => {
      return { file: file ?? null, line: line ?? null, column: column ?? null, path, severity, message };
    }),
  }));
  return `${JSON.stringify({ usable: files.every(({ usable }) => usable), files }, undefined, 2)}\n`;
}

function errorsIn({ problems, unlisted }: Pick<ConfigReport, 'problems' | 'unlisted'>): number {
  return problems.filter(({ severity }) => severity === 'error').length + unlisted;
}

function warningsIn({ problems }: Pick<ConfigReport, 'problems'>): number {
  return problems.filter(({ severity }) => severity === 'warning').length;
}
