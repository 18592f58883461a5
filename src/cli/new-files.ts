import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyUnwritable } from '../config/source/unwritable-file.js';
import { GatechartError } from '../errors.js';

/** What became of each file, by absolute path. */
export interface NewFiles {
  readonly written: readonly string[];
  /** Files that were there, and were left alone. */
  readonly kept: readonly string[];
}

/**
 * Writes files into a folder, which is made if there is none. Nothing is ever overwritten.
 *
 * @param texts by name
 * @throws GatechartError CONFIG_UNREADABLE if the folder cannot be written to
 */
export function writeNewFiles(folder: string, texts: Readonly<Record<string, string>>): NewFiles {
  const written: string[] = [];
  const kept: string[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(texts)) {
      const file = join(folder, name);
      (isNew(file, text) ? written : kept).push(file);
    }
  } catch (error) {
    const reason = whyUnwritable(join(folder, 'any'), error);
    throw new GatechartError('CONFIG_UNREADABLE', `${folder} cannot be written to: ${reason}; give a folder`, {
      cause: error,
    });
  }
  return { written, kept };
}

function isNew(file: string, text: string): boolean {
  try {
    // Exclusive: a link that leads elsewhere counts as a file that is there.
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
