import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** Where relative paths of a configuration start. */
export interface Places {
  /** The configuration file's own folder. */
  readonly baseDir: string;
  /** The working directory, where the reference starts. */
  readonly cwd: string;
}

/** `~` and `~/x` as paths of the home directory. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

/** Where the modules of plugins are looked up after the configuration's own folder: its `plugin_dirs`, absolute. */
export function pluginDirsOf(dirs: readonly string[], { baseDir }: Places): string[] {
  return dirs.map((dir) => resolve(baseDir, expandHome(dir)));
}

/** Absolute: next to the configuration file if it is there, otherwise in the working directory. */
export function resolveExisting(path: string, places: Places): string {
  const expanded = expandHome(path);
  const beside = resolve(places.baseDir, expanded);
  return isAbsolute(expanded) || statOf(beside) !== undefined ? beside : resolve(places.cwd, expanded);
}

export function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false;
}

export function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether anyone may replace files in a directory: world-writable, and not sticky as `/tmp` is. */
export function isOpenToAll(path: string): boolean {
  const mode = statOf(path)?.mode ?? 0;
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}

function statOf(path: string): Stats | undefined {
  try {
    // A null byte in a path makes even `throwIfNoEntry: false` throw.
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
