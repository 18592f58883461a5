import { extname, isAbsolute, resolve } from 'node:path';
import { isRecord } from '../../json/records.js';
import { errorAt, type Path, type Report } from '../problem.js';
import { isDirectory, isExecutable, isFile } from '../source/file-kinds.js';
import { expandHome, resolveExisting } from '../source/path-base.js';
import { asList, type Written } from '../written.js';
import type { RuleContext } from './rule-context.js';

/** The rules of a server that is started as a child process: its command, directory and environment. */
export function checkProcess(mcp: Written, { path, base, report }: RuleContext): void {
  const { script, cwd, cmd } = mcp;
  if (Array.isArray(cmd) && cmd.length === 0) {
    report(errorAt([...path, 'cmd'], 'expected the command and its arguments, found an empty list'));
  }
  checkNulls(cmd, [...path, 'cmd'], report);
  const givenDirectory = typeof cwd === 'string' && cwd !== '' ? resolveExisting(cwd, base) : undefined;
  const workingDirectory = givenDirectory ?? base.cwd;
  if (givenDirectory !== undefined && !isDirectory(givenDirectory)) {
    report(errorAt([...path, 'cwd'], (found) => `expected a directory that exists, found ${found}`));
  }
  checkVariables(mcp.env, [...path, 'env'], report);
  if (typeof script !== 'string' || script === '') return;
  const file = resolve(workingDirectory, expandHome(script));
  if (!isFile(file)) {
    // Where a relative script is looked up may differ where the file is used; an absolute one will not appear.
    const message = (found: string): string => `expected a script that exists, found ${found}`;
    const problem = errorAt([...path, 'script'], message);
    report(isAbsolute(expandHome(script)) ? problem : { ...problem, severity: 'warning' });
  } else if (!['.py', '.sh'].includes(extname(file)) && !isExecutable(file)) {
    report(
      errorAt([...path, 'script'], (found) => `expected a .py or .sh script or an executable file, found ${found}`),
    );
  }
}

/** No process can be given these. A script and a folder with one are none that exist. */
function checkNulls(cmd: unknown, path: Path, report: Report): void {
  for (const [index, part] of asList(cmd).entries()) {
    if (typeof part !== 'string' || !part.includes('\0')) continue;
    report(errorAt([...path, index], 'expected text without null characters, found one'));
  }
}

/** An empty map is what is left where variables were meant; leaving `env` out says that none are. */
function checkVariables(env: unknown, path: Path, report: Report): void {
  if (!isRecord(env)) return;
  const names = Object.keys(env);
  if (names.length === 0) report(errorAt(path, 'expected at least one variable, found an empty map; leave `env` out'));
  for (const name of names) {
    // The last two characters end names and values for the system.
    if (name.trim() === '' || /[=\0]/.test(name)) {
      report(errorAt([...path, name], 'expected the name of a variable, without `=`', 'key'));
    }
    const value = env[name];
    if (typeof value === 'string' && value.includes('\0')) {
      report(errorAt([...path, name], 'a variable must not contain null characters'));
    }
  }
}
