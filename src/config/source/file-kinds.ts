import { accessSync, constants, type Stats, statSync } from 'node:fs';

export function exists(path: string): boolean {
  return statOf(path) !== undefined;
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
