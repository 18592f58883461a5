import { homedir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConfigIssue, countOf, formatIssue } from '../../config/config-issue.js';
import { isSecretPath, type Path } from '../../config/problem.js';
import { invalidConfig } from '../../config/source/config-file.js';
import { type JsonPosition, type JsonSource, jsonFromData, readJsonFile } from '../../config/source/json-source.js';
import { expandHome } from '../../config/source/path-base.js';
import { asRecord, type Written } from '../../config/written.js';
import type { BrokenEntry, ServerEntry, ServersFile } from '../server-entry.js';
import { Aliases } from './aliases.js';
import { KnownEntries } from './known-entries.js';
import { type EntryReading, readEntry } from './read-entry.js';
import { SmallFiles } from './small-files.js';
import { readTop } from './top-keys.js';
import { Variables } from './variables.js';

/** What a servers file is read with, beside itself. */
export interface ReadServersOptions {
  /** What variables are taken from. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where relative paths start. Default: the folder of the file; for an object the working directory. */
  readonly baseDir?: string;
  /** Default: the working directory of the process. */
  readonly cwd?: string;
  /** The home directory. Default: that of the user. */
  readonly home?: string;
  /** Whether one wrong entry, or a key that nothing reads, makes the whole file an error. Default: false. */
  readonly strict?: boolean;
}

/** What a servers file says, and what is wrong with it. */
export interface ReadServers extends ServersFile {
  /** Warnings, and the errors of entries that cannot be used, in the order of the file. */
  readonly issues: readonly ConfigIssue[];
  /** Every file that was read, or looked for, absolute, the servers file first: a change of any may change what is said. */
  readonly files: readonly string[];
}

/**
 * Reads the `mcpServers` (or `servers`) of a file, or of an object with the same keys. What is wrong with one server makes that
 * server a {@link BrokenEntry}, and leaves the others alone.
 *
 * @throws ConfigError CONFIG_UNREADABLE if there is no such file; CONFIG_INVALID if it is not JSON or names no servers, and
 * under `strict` for everything that is wrong
 * @param known entries that were read under the same options before, and what is read now
 */
export function readServers(
  source: string | URL | object,
  options: ReadServersOptions = {},
  known = new KnownEntries(),
): ReadServers {
  const cwd = resolve(options.cwd ?? '.');
  const home = options.home ?? homedir();
  const file = fileOf(source, cwd, home);
  const named = typeof source === 'string' ? source : (file ?? 'the servers');
  const json = file === undefined ? jsonFromData(Object(source), named) : readJsonFile(file, named);
  const baseDir = resolve(cwd, options.baseDir ?? (file === undefined ? cwd : dirname(file)));
  const files = new SmallFiles(baseDir, home);
  const variables = new Variables({
    env: options.env ?? process.env,
    workspaceFolder: workspaceOf(baseDir),
    home,
    files,
  });
  const strict = options.strict ?? false;
  const read = readAll(json, { variables, files, cwd, strict, known });
  return { ...read, files: [...(file === undefined ? [] : [file]), ...files.paths] };
}

function fileOf(source: string | URL | object, cwd: string, home: string): string | undefined {
  if (typeof source === 'string') return resolve(cwd, expandHome(source, home));
  return source instanceof URL ? fileURLToPath(source) : undefined;
}

/** Clients keep their file in a folder of their own inside the workspace. */
function workspaceOf(folder: string): string {
  return ['.vscode', '.cursor'].includes(basename(folder)) ? dirname(folder) : folder;
}

function readAll(json: JsonSource, reading: EntryReading): Omit<ReadServers, 'files'> {
  const top = readTop(json.data, reading.strict);
  const issues = top.problems.map((problem) => json.issue(problem, true));
  if (top.servers === undefined || issues.some(isError)) throw invalidConfig(json.named, issues);

  const entries: ServerEntry[] = [];
  const broken: BrokenEntry[] = [];
  const disabled: string[] = [];
  const names: string[] = [];
  const aliases = new Aliases(Object.keys(top.servers));
  for (const [name, written] of inOrder(top.servers, top.root, json)) {
    const path = [top.root, name];
    const read = aliases.check(readEntry(name, written, path, reading), path);
    const found = read.problems.map((problem) => json.issue(problem, isHidden(problem.path))).sort(byPosition);
    issues.push(...found);
    if (read.kind !== 'disabled') names.push(name);
    if (read.kind === 'entry') entries.push(read.entry);
    else if (read.kind === 'disabled') disabled.push(name);
    else broken.push({ name, description: descriptionOf(written), error: errorText(found) });
  }
  reading.known.keepOnly(names);
  issues.sort(byPosition);
  if (reading.strict && issues.some(isError)) throw invalidConfig(json.named, issues);
  return { entries, broken, disabled, names, issues };
}

/** Objects have names that are numbers first, which the file need not. */
function inOrder(servers: Written, root: string, json: JsonSource): [string, unknown][] {
  const placed = Object.entries(servers).map((server) => ({ server, ...json.position([root, server[0]], 'key') }));
  return placed.sort(byPosition).map(({ server }) => server);
}

function byPosition(a: Partial<JsonPosition>, b: Partial<JsonPosition>): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Keys of an entry whose values are nobody's business. */
const hiddenKeys: ReadonlySet<unknown> = new Set(['args', 'env', 'headers', 'url', 'oauth', 'auth']);

/** Outside of an entry there may be anything: someone may have named the wrong file. */
function isHidden(path: Path): boolean {
  return path.length < 3 || hiddenKeys.has(path[2]) || isSecretPath(path);
}

function isError({ severity }: ConfigIssue): boolean {
  return severity === 'error';
}

function descriptionOf(written: unknown): string | undefined {
  const description = asRecord(written)['description'];
  return typeof description === 'string' ? description : undefined;
}

const mostTold = 20;

function errorText(issues: readonly ConfigIssue[]): string {
  const errors = issues.filter(isError);
  const rest = errors.length > mostTold ? [`and ${countOf(errors.length - mostTold, 'more error')}`] : [];
  return [...errors.slice(0, mostTold).map(formatIssue), ...rest].join('\n');
}
