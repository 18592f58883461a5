import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/sections/configuration.js';
import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import { formOfKind } from '../../plugins/kind-form.js';

/** What becomes of a plugin that runs when its entry is replaced. */
export type EntryChange = 'none' | 'adapts' | 'restarts';

/**
 * The keys of an entry that a plugin goes on with when they change: what it does in chains is decided when chains are made.
 * All others it is made from. `mode` is here for what is neither before nor after `disabled`. `written` holds the keys once
 * more, as they were written.
 */
const adapting: ReadonlySet<string> = new Set<keyof PluginConfig>([
  'hooks',
  'mode',
  'onError',
  'timeoutMs',
  'priority',
  'conditions',
  'capabilities',
  'tags',
  'description',
  'author',
  'namespace',
  'version',
  'appliedTo',
  'written',
]);

/** What separates two entries of one name. */
export function changeOfEntry(before: PluginConfig, after: PluginConfig): EntryChange {
  if (isDeepStrictEqual(before, after)) return 'none';
  return isDeepStrictEqual(madeFrom(before), madeFrom(after)) ? 'adapts' : 'restarts';
}

function madeFrom(entry: PluginConfig): object {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !adapting.has(key)));
}

/** Where plugins are looked for. */
export type Places = Pick<Config, 'baseDir' | 'pluginDirs'>;

/** Whether an entry that did not change leads to something else, because the folders it is looked up in changed. */
export function leadsElsewhere({ kind }: PluginConfig, before: Places, after: Places): boolean {
  if (before.baseDir !== after.baseDir) return kind === 'external' || formOfKind(kind) !== 'name';
  return formOfKind(kind) === 'module' && !isDeepStrictEqual(before.pluginDirs, after.pluginDirs);
}
