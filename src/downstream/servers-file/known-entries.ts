import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../json/records.js';
import type { ServerEntry } from '../server-entry.js';

/** What an entry says with its variables filled in, and what became of it. */
interface KnownEntry {
  readonly filled: unknown;
  readonly entry: ServerEntry;
}

/** Keys whose values lead to files and folders, which may be others the next time. */
const leadingElsewhere = ['cwd', 'envFile'] as const;

/**
 * The entries of a servers file as they were read last. One that says the same again is taken from here: what a reload
 * takes is reading entries and comparing them, and most say what they said.
 */
export class KnownEntries {
  readonly #entries = new Map<string, KnownEntry>();

  /** The same entry as it was read; undefined where it says something else now. */
  find(name: string, filled: unknown): ServerEntry | undefined {
    const known = this.#entries.get(name);
    return known !== undefined && isDeepStrictEqual(known.filled, filled) ? known.entry : undefined;
  }

  /** Remembers an entry with which nothing is wrong, if it says all that there is to know. */
  note(filled: unknown, entry: ServerEntry): void {
    const saysAll = isRecord(filled) && leadingElsewhere.every((key) => filled[key] === undefined);
    if (saysAll) this.#entries.set(entry.name, { filled, entry });
  }

  /** Forgets what is in the file no more. @param names of all servers of the file */
  keepOnly(names: Iterable<string>): void {
    const kept = new Set(names);
    for (const name of this.#entries.keys()) if (!kept.has(name)) this.#entries.delete(name);
  }
}
