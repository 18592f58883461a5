import type { ConfigIssue } from './config-issue.js';
import { valueAt } from '../json/paths.js';
import { describeFound, isSecretPath, pathText, type Problem } from './problem.js';
import type { PluginConfig } from './sections/plugin-entry.js';
import type { Config } from './sections/configuration.js';

/** Gives problems that are found later in the entry of a plugin their place; paths start in the entry. */
export type EntryPlaces = (plugin: string, problems: readonly Problem[]) => readonly ConfigIssue[];

// Beside the configuration and not in it: an entry that has moved is the same entry.
const placesOf = new WeakMap<Config, EntryPlaces>();

export function noteEntryPlaces(config: Config, places: EntryPlaces): void {
  placesOf.set(config, places);
}

/** Where the entries of a configuration stand; undefined for one that was made of another. */
export function entryPlaces(config: Config): EntryPlaces | undefined {
  return placesOf.get(config);
}

/** The places of an entry that comes from no file, or is another than its file has: paths inside it. */
export function placesInEntry({ config }: PluginConfig): EntryPlaces {
  return (_plugin, problems) =>
    problems.map(({ path, message, severity }) => {
      const found = describeFound(valueAt({ config }, path), isSecretPath(path));
      return { path: pathText(path), message: message(found), severity };
    });
}
