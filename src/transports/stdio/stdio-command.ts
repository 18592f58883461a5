import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, resolve } from 'node:path';
import { expandHome } from '../../config/source/path-base.js';
import type { McpClientConfig } from '../../config/sections/mcp-client.js';
import { GatechartError } from '../../errors.js';

/** What a stdio server is started from: the part of {@link McpClientConfig} that says so. */
export type StdioServer = Pick<McpClientConfig, 'script' | 'cmd' | 'env' | 'cwd'> & {
  /** Arguments behind those of `cmd`; they may be empty texts. */
  readonly args?: readonly string[];
};

export interface StdioCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Only the command and a first argument that is a plain word are shown: options, assignments and URLs carry secrets. */
export function describeServer(server: StdioServer): string {
  if (server.script !== undefined) return `stdio ${server.script}`;
  const [command = '', ...args] = [...(server.cmd ?? []), ...(server.args ?? [])];
  const first = args[0];
  const shown = first === undefined || /^-|=|:\/\//.test(first) ? [] : [first];
  return ['stdio', basename(command), ...shown, ...(args.length > shown.length ? ['…'] : [])].join(' ');
}

/** The child's folder: absolute, `~` expanded; relative folders start at the configuration's. */
export function resolveCwd(cwd: string | undefined, baseDir: string): string {
  return cwd === undefined ? baseDir : resolve(baseDir, expandHome(cwd));
}

function fail(name: string, message: string): GatechartError {
  return new GatechartError('PLUGIN_LOAD_FAILED', `${name}: ${message}`, { details: { connection: name } });
}

/**
 * The command that starts a server. A `.py` script runs under python3, a `.sh` script under sh, any other script must
 * be executable; relative scripts start at the child's folder.
 *
 * @throws GatechartError PLUGIN_LOAD_FAILED when it cannot be started as configured.
 */
export async function resolveCommand(name: string, server: StdioServer, cwd: string): Promise<StdioCommand> {
  const { script, cmd } = server;
  if (cmd !== undefined) {
    const [command, ...args] = cmd;
    if (command === undefined || cmd.some((part) => part.trim() === '')) {
      throw fail(name, 'STDIO cmd must be a non-empty list of non-empty strings.');
    }
    return { command, args: [...args, ...(server.args ?? [])] };
  }
  if (script === undefined) throw fail(name, 'STDIO transport requires script or cmd; give one of them.');
  const expanded = expandHome(script);
  const path = isAbsolute(expanded) ? expanded : resolve(cwd, expanded);
  if (!(await isFile(path))) throw fail(name, `Server script ${path} does not exist.`);
  const extension = extname(path);
  if (extension === '.py') return { command: 'python3', args: [path] };
  if (extension === '.sh') return { command: 'sh', args: [path] };
  if (!(await isExecutable(path))) {
    throw fail(
      name,
      `Server script ${path} must be executable. Make it so (chmod +x), or start it with cmd: [node, ${script}].`,
    );
  }
  return { command: path, args: [] };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
