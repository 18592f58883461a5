import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { whyUnreadable } from '../../config/source/config-file.js';
import { expandHome } from '../../config/source/path-base.js';

/** Bytes of a secret, or of a file of variables. */
const largest = 65_536;

/** Text that could be read, or why not, in words that show nothing of it. */
export type FileText = { readonly text: string } | { readonly problem: string };

/** Reads the small files that a servers file names, each once. */
export class SmallFiles {
  readonly #baseDir: string;
  readonly #home: string;
  readonly #texts = new Map<string, FileText>();

  /** @param baseDir absolute; where relative paths start */
  constructor(baseDir: string, home: string) {
    this.#baseDir = baseDir;
    this.#home = home;
  }

  /** Every file that was asked for, absolute, also those that are missing: a change of any of them changes what was read. */
  get paths(): readonly string[] {
    return [...this.#texts.keys()];
  }

  read(path: string): FileText {
    const file = this.resolve(path);
    let known = this.#texts.get(file);
    if (known === undefined) {
      known = textOf(file);
      this.#texts.set(file, known);
    }
    return known;
  }

  /** Absolute. */
  resolve(path: string): string {
    return resolve(this.#baseDir, this.expand(path));
  }

  /** With the home directory in place of `~`. */
  expand(path: string): string {
    return expandHome(path, this.#home);
  }
}

function textOf(file: string): FileText {
  let bytes: Buffer;
  try {
    const stats = statSync(file);
    // A pipe or a device would be waited for.
    if (!stats.isFile()) return { problem: stats.isDirectory() ? 'it is a directory' : 'it is no regular file' };
    if (stats.size > largest) return { problem: tooLarge };
    bytes = readFileSync(file);
  } catch (error) {
    return { problem: whyUnreadable(error) };
  }
  if (bytes.length > largest) return { problem: tooLarge };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'it is not text in UTF-8' };
  }
}

const tooLarge = `it has more than ${largest} bytes`;
