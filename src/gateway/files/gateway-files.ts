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
  const cwd = resolve(options.cwd ?? '.');
  const home = options.home ?? homedir();
  const named = (path: string, from: GatewayFile['from']): GatewayFile => {
    if (path.trim() === '') throw unreadable(`${from} names no file`);
    const file = resolve(cwd, expandHome(path, home));
    if (!exists(file)) throw unreadable(`${from} names ${path}, and there is no such file`);
    return { path: file, from };
  };
  const find = (kind: 'servers' | 'rules', variable: 'GATEWAY_MCP_CONFIG' | 'GATEWAY_RULES'): GatewayFile => {
    const flag = options[kind];
    if (flag !== undefined) return named(flag, `--${kind}`);
    const set = options.variables[kind];
    if (set !== undefined) return named(set, variable);
    const places = [cwd, userFolder(home), join(cwd, 'config')].map((folder) => join(folder, gatewayFileNames[kind]));
    const path = places.find(exists);
    if (path !== undefined) return { path, from: 'search' };
    const looked = places.map((place) => `\n  ${place}`).join('');
    throw unreadable(
      `there is no ${kind} file; give --${kind} or ${variable}, or write one with \`gatechart init\`. Looked for:${looked}`,
    );
  };
  return { servers: find('servers', 'GATEWAY_MCP_CONFIG'), rules: find('rules', 'GATEWAY_RULES') };
}

function unreadable(message: string): ConfigError {
  return new ConfigError('CONFIG_UNREADABLE', message, []);
}
