import { formatIssue } from '../config/config-issue.js';
import { type EntryPlaces, placesInEntry } from '../config/entry-places.js';
import { isSchema } from '../config/schema-check.js';
import { sectionProblems } from '../config/section-problems.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { describeValue } from '../json/described-value.js';
import type { PluginDefinition } from './plugin.js';

/** The `config` section of an entry as the schema of its plugin reads it, or what is wrong with either. */
type CheckedConfig =
  | { readonly ok: true; readonly config: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: string };

export function checkedConfig(
  entry: PluginConfig,
  { configSchema }: PluginDefinition,
  places: EntryPlaces = placesInEntry(entry),
): CheckedConfig {
  const given = entry.config ?? {};
  if (configSchema === undefined) return { ok: true, config: given };
  if (!isSchema(configSchema))
    return { ok: false, why: `its config is ${describeValue(configSchema)}, expected a zod schema` };
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return { ok: true, config: parsed.data as Readonly<Record<string, unknown>> };
  const problems = sectionProblems(configSchema, parsed.error, given, ['config']);
  return { ok: false, why: places(entry.name, problems).map(formatIssue).join('; ') };
}
