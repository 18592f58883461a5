import { excerpt } from '../json/excerpt.js';
import { valueAt } from '../json/paths.js';
import { type ConfigIssue, firstOf } from './config-issue.js';
import { describeFound, isSecretPath, type Path, pathText, type Problem } from './problem.js';
import type { LocatedVariable, SourcePosition } from './source/yaml-source.js';

/** Where a configuration comes from, as far as messages need it. */
export interface Origin {
  readonly named: string;
  /** The file as it was named by the caller. */
  readonly file?: string;
  readonly template?: string;
  locate(path: Path, at: 'key' | 'value'): SourcePosition;
  /** Variables that its template puts nothing for. */
  readonly unset: readonly LocatedVariable[];
}

/** Something to be told, and where it is. */
interface Found {
  readonly position: SourcePosition;
  readonly severity: ConfigIssue['severity'];
  issue(): ConfigIssue;
}

/**
 * The problems of a configuration, and variables that its template lacks, as issues in the order of the file: the first
 * hundred of each severity, and how many errors there are in all.
 *
 * @param written the configuration before the schema has filled in defaults
 */
export function located(
  problems: readonly Problem[],
  written: unknown,
  origin: Origin,
  strict: boolean,
): { readonly issues: ConfigIssue[]; readonly errors: number } {
  const found: Found[] = [
    ...origin.unset.map((variable) => unsetVariable(variable, strict ? 'error' : 'warning', origin)),
    ...problems.map((problem): Found => {
      const position = positionOf(problem, origin);
      const { severity } = problem;
      return { position, severity, issue: () => issueOf(problem, position, written, origin) };
    }),
  ].sort(byPosition);
  // Of a file that has thousands of them, only those that are told are put into words.
  const issues = firstOf(found, ({ severity }) => severity).map((entry) => entry.issue());
  return { issues, errors: found.filter(({ severity }) => severity === 'error').length };
}

/** A guard whose token is not set runs without one; where that is meant, the template can say so. */
function unsetVariable(variable: LocatedVariable, severity: Found['severity'], origin: Origin): Found {
  const { position } = variable;
  const message = unsetMessage(variable);
  return { position, severity, issue: () => ({ ...whereabouts(position, origin), path: '', message, severity }) };
}

function unsetMessage({ name, empty, isUnknown = false }: LocatedVariable): string {
  const shown = excerpt(name, longestKey);
  if (isUnknown) {
    return `the template knows no ${shown}, and puts nothing in its place; write {{ env.${shown} }} for a variable, or {% raw %}{{${shown}}}{% endraw %} to leave it as it is`;
  }
  return `the variable ${shown} is ${empty ? 'empty' : 'not set'}; set it, or give what holds without it, like {{ env.${shown} | default('', true) }}`;
}

/** The part of a problem's path that is in the data. */
function presentPath({ path, at }: Problem): Path {
  return at === 'parent' ? path.slice(0, -1) : path;
}

function positionOf(problem: Problem, origin: Origin): SourcePosition {
  return origin.locate(presentPath(problem), problem.at === 'key' ? 'key' : 'value');
}

function issueOf(problem: Problem, position: SourcePosition, written: unknown, origin: Origin): ConfigIssue {
  const { path } = problem;
  const value = valueAt(written, path);
  const hidden = position.inserted || isSecretPath(path);
  const isWritten = (index: number): boolean => valueAt(written, path.slice(0, index + 1)) !== undefined;
  const shown = path.map((segment, index) => (isWritten(index) ? shownKey(segment, origin) : segment));
  return {
    ...whereabouts(position, origin),
    path: pathText(shown),
    message: problem.message(describeFound(value, hidden)),
    severity: problem.severity,
  };
}

function whereabouts(
  { line, column }: SourcePosition,
  { file }: Origin,
): Pick<ConfigIssue, 'file' | 'line' | 'column'> {
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
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
