import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '../../config/config-issue.js';
import { exists } from '../../config/source/file-kinds.js';
import { expandHome } from '../../config/source/path-base.js';
import type { GatewayVariables } from './gateway-variables.js';

/** Where the files of the gateway are looked for. */
export interface GatewayFilesOptions {
  /** Paths that the command line gives. They are taken even if there is no such file. */
  readonly servers?: string | undefined;
  readonly rules?: string | undefined;
  /** What the environment says. Its paths come after those of the command line, and are taken likewise. */
  readonly variables: Pick<GatewayVariables, 'servers' | 'rules'>;
  /** Default: the working directory of the process. */
  readonly cwd?: string;
  /** Default: the home directory of the user. */
  readonly home?: string;
}

/** A file of the gateway. */
export interface GatewayFile {
  /** Absolute. */
  readonly path: string;
  /** Who named it, or where it was found. */
  readonly from: '--servers' | '--rules' | 'GATEWAY_MCP_CONFIG' | 'GATEWAY_RULES' | 'search';
}

/** The files that a gateway starts with. */
export interface GatewayFiles {
  readonly servers: GatewayFile;
  readonly rules: GatewayFile;
}

/** The names that agent-mcp-gateway gave them. */
export const gatewayFileNames = { servers: '.mcp.json', rules: '.mcp-gateway-rules.json' } as const;

/** The folder of a user's own files, below the home directory. */
export function userFolder(home: string = homedir()): string {
  return join(home, '.config', 'agent-mcp-gateway');
}

/** Where decisions are written down unless something else is said. */
export function defaultAuditLog(home: string = homedir()): string {
  return join(home, '.cache', 'agent-mcp-gateway', 'logs', 'audit.jsonl');
}

/**
 * Finds both files, each for itself: the flag, the variable, the working directory, the user's folder, `./config`.
 *
 * @throws ConfigError CONFIG_UNREADABLE naming who asked for a file that is not there, or every place that was looked at
 */
export function findGatewayFiles(options: GatewayFilesOptions): GatewayFiles {
  return { servers: findGatewayFile('servers', options), rules: findGatewayFile('rules', options) };
}

/** The same for one of them. */
export function findGatewayFile(kind: keyof GatewayFiles, options: GatewayFilesOptions): GatewayFile {
  const file = searchGatewayFile(kind, options);
  if (file !== undefined) return file;
  const looked = placesOf(kind, options).map((place) => `\n  ${place}`);
  throw unreadable(
    `there is no ${kind} file; give --${kind} or ${variables[kind]}, or write one with \`gatechart init\`. Looked for:${looked.join('')}`,
  );
}

/** The same for one that can be done without: undefined where nobody names one and there is none. */
export function searchGatewayFile(kind: keyof GatewayFiles, options: GatewayFilesOptions): GatewayFile | undefined {
  const flag = options[kind];
  if (flag !== undefined) return named(flag, `--${kind}`, options);
  const set = options.variables[kind];
  if (set !== undefined) return named(set, variables[kind], options);
  const path = placesOf(kind, options).find(exists);
  return path === undefined ? undefined : { path, from: 'search' };
}

const variables = { servers: 'GATEWAY_MCP_CONFIG', rules: 'GATEWAY_RULES' } as const;

function placesOf(kind: keyof GatewayFiles, { cwd = '.', home }: GatewayFilesOptions): string[] {
  const here = resolve(cwd);
  return [here, userFolder(home), join(here, 'config')].map((folder) => join(folder, gatewayFileNames[kind]));
}

function named(
  path: string,
  from: GatewayFile['from'],
  { cwd = '.', home = homedir() }: GatewayFilesOptions,
): GatewayFile {
  if (path.trim() === '') throw unreadable(`${from} names no file`);
  const file = resolve(cwd, expandHome(path, home));
  if (!exists(file)) throw unreadable(`${from} names ${path}, and there is no such file`);
  return { path: file, from };
}

function unreadable(message: string): ConfigError {
  return new ConfigError('CONFIG_UNREADABLE', message, []);
}
