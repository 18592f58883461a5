import { resolve } from 'node:path';
import { errorAt, type Path, type Report, warningAt } from '../../config/problem.js';
import { isDirectory } from '../../config/source/file-kinds.js';
import type { ServerReach } from '../server-entry.js';
import { parseEnvFile } from './env-file.js';
import type { ParsedEntry } from './entry-schema.js';
import { readLogin } from './login-settings.js';
import { looksLikeSse, readServerUrl } from './server-url.js';
import type { SmallFiles } from './small-files.js';

/** What is needed to tell where a server is, beside its entry. */
export interface ReachContext {
  readonly path: Path;
  readonly files: SmallFiles;
  /** The working directory, absolute. */
  readonly cwd: string;
  readonly report: Report;
}

/** How a server is reached; undefined where that was reported as wrong. */
export function readReach(entry: ParsedEntry, context: ReachContext): ServerReach | undefined {
  const { command, url } = entry;
  if (command !== undefined) return readCommand(command, entry, context);
  return url === undefined ? undefined : readUrl(url, entry, context);
}

function readCommand(command: string, entry: ParsedEntry, context: ReachContext): ServerReach {
  const { args = [], env = {}, envFile, cwd } = entry;
  const variables = envFile === undefined ? env : { ...readVariables(envFile, context), ...env };
  return {
    kind: 'stdio',
    command,
    args,
    env: variables,
    cwd: cwd === undefined ? undefined : readFolder(cwd, context),
  };
}

/** Beside the file if it is there, else in the working directory. */
function readFolder(folder: string, { path, files, cwd, report }: ReachContext): string {
  const beside = files.resolve(folder);
  const found = isDirectory(beside) ? beside : resolve(cwd, files.expand(folder));
  if (!isDirectory(found)) {
    report(
      warningAt([...path, 'cwd'], 'there is no such directory now, and the server cannot start without it', 'value'),
    );
  }
  return found;
}

function readVariables(envFile: string, { path, files, report }: ReachContext): Readonly<Record<string, string>> {
  const at = [...path, 'envFile'];
  const read = files.read(envFile);
  const parsed = 'text' in read ? parseEnvFile(read.text) : undefined;
  if (parsed !== undefined && 'variables' in parsed) return parsed.variables;
  const unread = 'problem' in read ? `the env file cannot be read: ${read.problem}` : '';
  report(errorAt(at, parsed === undefined ? unread : `line ${parsed.line} of the env file: ${parsed.problem}`));
  return {};
}

function readUrl(written: string, entry: ParsedEntry, { path, report }: ReachContext): ServerReach | undefined {
  const target = readServerUrl(written, [...path, 'url'], report);
  if (target === undefined) return undefined;
  const { headers = {}, oauth } = entry;
  const type = entry.type ?? entry.transport ?? entry.transportType;
  const isSse = type === undefined ? looksLikeSse(target.url, headers) : type === 'sse';
  return { kind: isSse ? 'sse' : 'http', ...target, headers, login: readLogin(oauth) };
}
