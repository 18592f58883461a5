import type { Config } from './sections/configuration.js';

/** Lines of the entries in their file, by the names of the plugins. */
export type PluginLines = ReadonlyMap<string, number>;

// Beside the configuration and not in it: an entry that has moved is the same entry.
const linesOf = new WeakMap<Config, PluginLines>();

export function notePluginLines(config: Config, lines: PluginLines): void {
  linesOf.set(config, lines);
}

/** Where each plugin's entry stands; undefined for a configuration that comes from no file. */
export function pluginLines(config: Config): PluginLines | undefined {
  return linesOf.get(config);
}
