import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { exists } from './file-kinds.js';

/** Where relative paths of a configuration start. */
export interface PathBase {
  /** The configuration file's own folder. */
  readonly baseDir: string;
  /** The working directory, where ContextForge starts. */
  readonly cwd: string;
}

/** `~` and `~/x` as paths of the home directory. */
export function expandHome(path: string, home: string = homedir()): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** Where the modules of plugins are looked up after the configuration's own folder: its `plugin_dirs`, absolute. */
export function pluginDirsOf(dirs: readonly string[], { baseDir }: PathBase): string[] {
  return dirs.map((dir) => resolve(baseDir, expandHome(dir)));
}

/** Absolute: next to the configuration file if it is there, otherwise in the working directory. */
export function resolveExisting(path: string, base: PathBase): string {
  const expanded = expandHome(path);
  const beside = resolve(base.baseDir, expanded);
  return isAbsolute(expanded) || exists(beside) ? beside : resolve(base.cwd, expanded);
}
