import { messageOf } from '../../errors.js';
import type { StdioCommand } from './stdio-command.js';

/** What a process was to be started with. */
export interface ProcessStart extends StdioCommand {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const reasons = new Map<unknown, string>([
  ['ENOENT', 'not found (the command, or the folder it is to run in)'],
  ['ENOTDIR', 'a file stands where a folder is needed (on the way to the command, or as the folder it is to run in)'],
  ['EACCES', 'permission is denied (to execute the command, or to enter the folder it is to run in)'],
  ['ENAMETOOLONG', 'the path of the command is longer than the system allows'],
]);

/** Why a process could not be started, in words. Shows no argument and no value of a variable: they may be secrets. */
export function whyNotStarted(error: unknown, start: ProcessStart): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'E2BIG') return tooLarge(start);
  // Node quotes in its message what it does not take.
  if (code === 'ERR_INVALID_ARG_VALUE') return `${withNull(start)} has a null character, which no process can be given`;
  return reasons.get(code) ?? messageOf(error);
}

function tooLarge({ command, args, env }: ProcessStart): string {
  const bytesOf = (texts: readonly string[]): number =>
    texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const found = `the command and its arguments have ${bytesOf([command, ...args])} bytes, and its environment ${bytesOf(variables)}`;
  return `${found}, in all or in one of them more than the system allows`;
}

/** What of it holds the null character. */
function withNull({ command, args, cwd, env }: ProcessStart): string {
  if (command.includes('\0')) return 'the command';
  const argument = args.findIndex((arg) => arg.includes('\0'));
  if (argument !== -1) return `argument ${argument + 1}`;
  if (cwd.includes('\0')) return 'the folder it is to run in';
  const variable = Object.entries(env).findIndex(([name, value]) => `${name}${value}`.includes('\0'));
  return `the variable ${Object.keys(env)[variable]?.replaceAll('\0', '') ?? ''}`;
}
