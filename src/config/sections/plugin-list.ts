import { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { errorAt, type Path, pathText } from '../problem.js';
import type { PathBase } from '../source/path-base.js';
import { asList, asRecord } from '../written.js';
import type { KnownPlugins } from './known-plugins.js';
import { type PluginConfig, pluginEntry } from './plugin-entry.js';
import { type RuleContext, under } from './rule-context.js';

const schema = z.array(pluginEntry.schema, { error: 'a list of plugins' });

function check(written: unknown, context: RuleContext, known: KnownPlugins): void {
  const entries = asList(written);
  entries.forEach((entry, index) => {
    if (isRecord(entry) && known[index] === undefined) pluginEntry.check(entry, under(context, index));
  });
  checkNames(entries, context);
}

/** Servers find plugins by name without regard to case, so names must differ in more than that. */
function checkNames(entries: readonly unknown[], { path: list, lineOf, report }: RuleContext): void {
  const seen = new Map<string, Path>();
  entries.forEach((plugin, index) => {
    const { name } = asRecord(plugin);
    if (typeof name !== 'string') return;
    const path: Path = [...list, index, 'name'];
    const first = seen.get(name.toLowerCase());
    if (first === undefined) {
      seen.set(name.toLowerCase(), path);
      return;
    }
    const other = `${pathText(first)}${lineOf(first)}`;
    report(
      errorAt(
        path,
        (found) =>
          `expected a name no other plugin has (upper and lower case count as the same), found ${found}${lineOf(path)}, as in ${other}`,
      ),
    );
  });
}

/** An entry that the schema has let through; undefined for one that is known. */
export type ParsedPlugin = z.output<typeof schema>[number] | undefined;

/** @param written the same entries before the schema has filled in defaults */
function read(plugins: readonly ParsedPlugin[], written: unknown, base: PathBase, known: KnownPlugins): PluginConfig[] {
  const entries = asList(written);
  return plugins.flatMap((plugin, index) => {
    if (plugin === undefined) return known[index] ?? [];
    return pluginEntry.read(plugin, asRecord(entries[index]), base);
  });
}

/** The `plugins` section. */
export const pluginList = { schema, entry: pluginEntry.schema, check, read };
