import { type ErrorCode, GatechartError } from '../errors.js';

/** One thing that is wrong, or has no effect, in a configuration. */
export interface ConfigIssue {
  /** The file as it was named by the caller; absent for plain objects and the environment. */
  readonly file?: string;
  /** Line in the file as its author wrote it, from 1. */
  readonly line?: number;
  /** Column in UTF-16 units, from 1. */
  readonly column?: number;
  /** Where inside the data, like `plugins[2].mcp.url`; empty for the whole. */
  readonly path: string;
  /** What was found and what was expected. */
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** `file:line:column`, as much of it as is known. */
export function issueLocation(issue: ConfigIssue): string {
  return [issue.file, issue.line, issue.column].filter((part) => part !== undefined).join(':');
}

/** One line: `file:line:column path: message`, without the parts that are not known. */
export function formatIssue(issue: ConfigIssue): string {
  const where = [issueLocation(issue), issue.path].filter((part) => part !== '').join(' ');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}

/** A configuration that cannot be used. Carries its issues at once, warnings included. */
export class ConfigError extends GatechartError {
  readonly issues: readonly ConfigIssue[];
  /** Errors beyond those in `issues`: of a hopeless file only the first hundred are told. */
  readonly unlisted: number;

  constructor(
    code: Extract<ErrorCode, 'CONFIG_INVALID' | 'CONFIG_UNREADABLE'>,
    summary: string,
    issues: readonly ConfigIssue[],
    { unlisted = 0, cause }: { unlisted?: number; cause?: unknown } = {},
  ) {
    const errors = issues.filter((issue) => issue.severity === 'error');
    const rest = unlisted === 0 ? [] : [`and ${countOf(unlisted, 'more error')}`];
    super(code, [summary, ...errors.map(formatIssue), ...rest].join('\n'), { cause, details: { issues } });
    this.issues = issues;
    this.unlisted = unlisted;
  }
}

const mostListed = 100;

/** The first hundred of each severity. */
export function firstOf<Item>(items: readonly Item[], severityOf: (item: Item) => ConfigIssue['severity']): Item[] {
  const counts = { error: 0, warning: 0 };
  return items.filter((item) => counts[severityOf(item)]++ < mostListed);
}

/** `3 errors`, `1 warning`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
