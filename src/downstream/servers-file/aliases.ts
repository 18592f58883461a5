import { errorAt, type Path } from '../../config/problem.js';
import type { ReadEntry } from './read-entry.js';

/** Sees to it that no alias stands for two servers: what is put in front of names has to lead back to one. */
export class Aliases {
  readonly #names: ReadonlySet<string>;
  readonly #owners = new Map<string, string>();

  /** @param names of all servers of the file */
  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  /** The same entry, or a broken one if its alias is taken. */
  check(read: ReadEntry, path: Path): ReadEntry {
    if (read.kind !== 'entry' || read.entry.alias === undefined) return read;
    const { name, alias } = read.entry;
    const owner = this.#names.has(alias) && alias !== name ? alias : this.#owners.get(alias);
    this.#owners.set(alias, owner ?? name);
    if (owner === undefined) return read;
    const message = `the alias stands for the server ${JSON.stringify(owner)} already; give another one`;
    return { kind: 'broken', problems: [...read.problems, errorAt([...path, 'alias'], message)] };
  }
}
