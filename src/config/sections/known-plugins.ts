import { isSameJson } from '../../json/same-json.js';
import { isRecord } from '../../json/records.js';
import { asList, asRecord } from '../written.js';
import type { Problem } from '../problem.js';
import type { PluginConfig } from './plugin-entry.js';

/** The entries of `plugins` by their index that need not be read: what they would come to is known. */
export type KnownPlugins = readonly (PluginConfig | undefined)[];

/** Keys of sections, those of transports above all, whose values lead to files and folders: they may be others next time. */
const leadingElsewhere = ['script', 'cwd', 'uds', 'tls'] as const;

// Beside the entries and not in them: two that say the same are the same.
const repeatable = new WeakSet<PluginConfig>();

/** Remembers of the entries of a configuration which say all that there is to know, and gave no cause for a warning. */
export function noteRepeatable(plugins: readonly PluginConfig[], problems: readonly Problem[]): void {
  const warned = new Set(problems.map(({ path: [section, index] }) => (section === 'plugins' ? index : undefined)));
  for (const [index, plugin] of plugins.entries()) if (!warned.has(index) && saysAll(plugin)) repeatable.add(plugin);
}

function saysAll({ written }: PluginConfig): boolean {
  const sections = Object.values(written).filter(isRecord);
  return sections.every((section) => leadingElsewhere.every((key) => section[key] === undefined));
}

/**
 * What a reload takes is reading entries and comparing them, and most say what they said.
 *
 * @param before entries of the same name, as they were read last
 * @param written the list of entries
 */
export function knownPlugins(before: readonly PluginConfig[], written: unknown): KnownPlugins {
  const byName = new Map(before.map((plugin) => [plugin.name, plugin]));
  return asList(written).map((entry) => {
    const { name } = asRecord(entry);
    const plugin = typeof name === 'string' ? byName.get(name) : undefined;
    return plugin !== undefined && repeatable.has(plugin) && isSameJson(plugin.written, entry) ? plugin : undefined;
  });
}
