import { valueAt } from '../../json/paths.js';
import type { ConfigIssue } from '../config-issue.js';
import { describeFound, isSecretPath, type Path, type Problem } from '../problem.js';
import { invalidConfig, readTemplate } from './config-file.js';
import { parseJsonTree } from './json-syntax.js';
import { JsonTree, type TreeFault } from './json-tree.js';
import { plainCopy } from './plain-data.js';
import { shownPath } from './shown-path.js';

/** Where something begins in a file: line and column in UTF-16 units, from 1. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** JSON data, and how to tell where in it something is wrong. */
export interface JsonSource {
  /** What messages call it. */
  readonly named: string;
  readonly data: unknown;
  /** Where the key or value at a path is, or else the nearest one around it; undefined for what comes from no file. */
  position(path: Path, at: Problem['at']): JsonPosition | undefined;
  /**
   * A problem with its place.
   *
   * @param hidden whether the value at its path may be a secret; default: by the names on the way to it
   */
  issue(problem: Problem, hidden?: boolean): ConfigIssue;
}

/**
 * Reads a file of JSON with comments and trailing commas, of at most 1 MiB.
 *
 * @param named what messages call the file
 * @throws ConfigError CONFIG_UNREADABLE; CONFIG_INVALID for what is not JSON or UTF-8, and for keys that are there twice
 */
export function readJsonFile(file: string, named: string): JsonSource {
  return parseJson(readTemplate(file, named), named);
}

/** The same for the text of a file. @throws ConfigError CONFIG_INVALID */
export function parseJson(text: string, named: string): JsonSource {
  const body = text.replace(/^\uFEFF/, '');
  const lines = lineStarts(body);
  const refused = (faults: readonly TreeFault[]): Error =>
    invalidConfig(
      named,
      faults.map(({ offset, path = [], message, first }): ConfigIssue => {
        const place = { file: named, ...positionIn(lines, offset), path: shownPath(path) };
        const told =
          first === undefined ? message : `${message}, on line ${positionIn(lines, first).line}; remove one of the two`;
        return { ...place, message: told, severity: 'error' };
      }),
    );
  const parsed = parseJsonTree(body);
  if ('message' in parsed) throw refused([parsed]);
  const tree = new JsonTree(parsed);
  if (tree.faults.length > 0) throw refused(tree.faults);
  return sourceOf(named, tree.data, (path, at) => ({
    file: named,
    ...positionIn(lines, tree.offset(path, at)),
  }));
}

/** Data that a program gives, checked to be nothing but JSON. @throws ConfigError CONFIG_INVALID */
export function jsonFromData(data: object, named: string): JsonSource {
  const problems: Problem[] = [];
  const copy = plainCopy(data, (problem) => void problems.push(problem));
  const source = sourceOf(named, copy, () => ({}));
  if (problems.length === 0) return source;
  throw invalidConfig(
    named,
    problems.map((problem) => source.issue(problem)),
  );
}

type Locate = (path: Path, at: 'key' | 'value') => Pick<ConfigIssue, 'file' | 'line' | 'column'>;

function sourceOf(named: string, data: unknown, locate: Locate): JsonSource {
  const whereabouts = (path: Path, at: Problem['at']): ReturnType<Locate> =>
    locate(path, at === 'key' ? 'key' : 'value');
  return {
    named,
    data,
    position: (path, at) => {
      const { line, column } = whereabouts(path, at);
      return line === undefined || column === undefined ? undefined : { line, column };
    },
    issue: ({ path, at, message, severity }, hidden = isSecretPath(path)) => ({
      ...whereabouts(path, at),
      path: shownPath(path),
      message: message(describeFound(valueAt(data, path), hidden)),
      severity,
    }),
  };
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((match) => match.index + match[0].length)];
}

function positionIn(starts: readonly number[], offset: number): JsonPosition {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
