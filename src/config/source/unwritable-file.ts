import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../errors.js';

const reasons = new Map<unknown, string>([
  ['EISDIR', 'it is a folder; expected a file'],
  ['EEXIST', 'it is there already'],
  ['EACCES', 'permission is denied'],
  ['EPERM', 'permission is denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'there is no space left'],
]);

/** What systems say of a path whose folders are not what they should be. */
const ofFolders: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EEXIST']);

/** Why a file could not be written, or its folder not be made, in words. */
export function whyUnwritable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const trouble = ofFolders.has(code) ? folderTrouble(dirname(file)) : undefined;
  return trouble ?? reasons.get(code) ?? messageOf(error);
}

/** Why nothing can be written into a folder that is not there; undefined if it is. */
export function folderTrouble(folder: string): string | undefined {
  const inTheWay = noFolderAt(folder);
  if (inTheWay !== undefined) return `${inTheWay} is no folder`;
  return isFolder(folder) === undefined ? `there is no folder ${folder}` : undefined;
}

/** What stands where a path needs a folder, and is none. */
function noFolderAt(path: string): string | undefined {
  const found = isFolder(path);
  if (found !== undefined) return found ? undefined : path;
  const above = dirname(path);
  return above === path ? undefined : noFolderAt(above);
}

/** Undefined where nothing is. */
function isFolder(path: string): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory();
  } catch {
    return undefined;
  }
}
