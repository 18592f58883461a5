import { valueAt } from '../../json/paths.js';
import { isRecord } from '../../json/records.js';
import { errorAt, type Path, type Problem } from '../../config/problem.js';
import { flag } from '../../config/sections/field-schemas.js';
import { reportSchemaIssues } from '../../config/sections/schema-problems.js';
import type { ServerEntry, ServerReach } from '../server-entry.js';
import { checkEntry } from './entry-checks.js';
import { entrySchema, type ParsedEntry } from './entry-schema.js';
import { filledTexts } from './filled-texts.js';
import { checkHeaders } from './headers.js';
import { checkKeys } from './key-checks.js';
import { checkLogin } from './login-settings.js';
import type { KnownEntries } from './known-entries.js';
import { readReach } from './server-reach.js';
import type { SmallFiles } from './small-files.js';
import type { Variables } from './variables.js';

/** What entries are read with. */
export interface EntryReading {
  readonly variables: Variables;
  readonly files: SmallFiles;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** Whether unknown keys are errors. */
  readonly strict: boolean;
  readonly known: KnownEntries;
}

/** What became of one entry: it can be used, is not wanted, or is wrong. */
export type ReadEntry = { readonly problems: readonly Problem[] } & (
  | { readonly kind: 'entry'; readonly entry: ServerEntry }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'broken' }
);

/** Reads the entry of one server. Nothing that is wrong with it is thrown. */
export function readEntry(name: string, written: unknown, path: Path, reading: EntryReading): ReadEntry {
  const problems: Problem[] = [];
  const told = new Set<string>();
  // What could not be filled in, say, must not be called wrong as well.
  const report = (problem: Problem): void => {
    const place = JSON.stringify([problem.path, problem.at]);
    if (problem.severity === 'error' && told.has(place)) return;
    if (problem.severity === 'error') told.add(place);
    problems.push(problem);
  };
  if (!isRecord(written)) {
    return { kind: 'broken', problems: [errorAt(path, (found) => `expected a map of keys, found ${found}`)] };
  }
  if (isDisabled(written, reading.variables)) return { kind: 'disabled', problems };
  const nameProblem = problemOfName(name);
  if (nameProblem !== undefined) report(errorAt(path, nameProblem, 'key'));

  const filled = filledTexts(written, path, reading.variables, report);
  const known = problems.length === 0 ? reading.known.find(name, filled) : undefined;
  if (known !== undefined) return { kind: 'entry', entry: known, problems };
  const entry = isRecord(filled) ? filled : {};
  const context = { path, strict: reading.strict, report };
  checkKeys(entry, context);
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    reportSchemaIssues(
      parsed.error,
      (at) => valueAt(entry, at),
      (problem) => report({ ...problem, path: [...path, ...problem.path] }),
    );
  }
  checkEntry(entry, context);
  checkHeaders(entry, context);
  checkLogin(entry, context);
  const reach = parsed.success
    ? readReach(parsed.data, { path, files: reading.files, cwd: reading.cwd, report })
    : undefined;
  const isWrong = problems.some(({ severity }) => severity === 'error');
  if (isWrong || reach === undefined || !parsed.success) return { kind: 'broken', problems };
  const read = entryOf(name, parsed.data, reach);
  if (problems.length === 0) reading.known.note(filled, read);
  return { kind: 'entry', entry: read, problems };
}

/** Of a server that is switched off nothing else is looked at. */
function isDisabled(written: Readonly<Record<string, unknown>>, variables: Variables): boolean {
  const read = (key: string): boolean | undefined => {
    const value = written[key];
    let isUnset = false;
    const filled = typeof value === 'string' ? variables.fill(value, () => void (isUnset = true)) : value;
    return isUnset ? undefined : flag.safeParse(filled).data;
  };
  return read('disabled') === true || read('enabled') === false;
}

const longestName = 128;

function problemOfName(name: string): string | undefined {
  if (name.trim() === '') return 'expected a name, found none';
  if (name.length > longestName) return `expected a name of at most ${longestName} characters, found ${name.length}`;
  const isPlain = name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name);
  return isPlain ? undefined : 'expected a name without control characters, found one with some';
}

function entryOf(name: string, parsed: ParsedEntry, reach: ServerReach): ServerEntry {
  const { tools, disabledTools, roots } = parsed;
  const denied = [...(tools?.deny ?? []), ...(disabledTools ?? []).map(literalPattern)];
  return {
    name,
    description: parsed.description,
    alias: parsed.alias,
    reach,
    connectTimeoutMs: parsed.connectTimeout ?? parsed.connectionTimeout ?? 60_000,
    timeoutMs: parsed.timeout ?? parsed.requestTimeout ?? 300_000,
    idleTimeoutMs: parsed.idleTimeout,
    eager: parsed.eager ?? false,
    isolation: parsed.isolation ?? 'shared',
    replay: parsed.replay ?? 'never',
    trustAnnotations: parsed.trustAnnotations ?? false,
    maxResponseBytes: parsed.maxResponseBytes,
    maxConcurrent: parsed.maxConcurrent ?? 50,
    pin: parsed.pin ?? 'off',
    tools: { allow: tools?.allow, deny: denied.length === 0 ? tools?.deny : denied },
    forwardHeaders: (parsed.forwardHeaders ?? []).map((header) => header.toLowerCase()),
    protocol: 'legacy',
    roots: roots?.map(({ uri, name: shown }) => (shown === undefined ? { uri } : { uri, name: shown })),
  };
}

/** The pattern that matches one name and no other. */
function literalPattern(name: string): string {
  return name.replace(/[*?[]/g, '[$&]');
}
