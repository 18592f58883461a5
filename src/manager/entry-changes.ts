import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/sections/configuration.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { formOfKind } from '../plugins/module-resolution.js';

/** What becomes of a plugin that runs when its entry is replaced. */
export type EntryChange = 'none' | 'adapts' | 'restarts';

/**
 * Whether a plugin has to start anew when a key of its entry changes: the keys that it is made from, and no others. What it
 * does in chains is decided when chains are made. `mode` is here for what is neither before nor after `disabled`. `written`
 * holds the keys once more, as they were written, and those that say nothing to us.
 */
const restarts: Readonly<Record<keyof PluginConfig, boolean>> = {
  name: true,
  kind: true,
  config: true,
  mcp: true,
  grpc: true,
  unixSocket: true,
  hooks: false,
  mode: false,
  onError: false,
  priority: false,
  conditions: false,
  capabilities: false,
  maxContentSize: false,
  tags: false,
  description: false,
  author: false,
  namespace: false,
  version: false,
  appliedTo: false,
  written: false,
};

const keys = Object.keys(restarts) as (keyof PluginConfig)[];

/** What separates two entries of one name. */
export function changeOfEntry(before: PluginConfig, after: PluginConfig): EntryChange {
  if (isDeepStrictEqual(before, after)) return 'none';
  const changed = keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  return changed.some((key) => restarts[key]) ? 'restarts' : 'adapts';
}

/** Where plugins are looked for. */
export type Places = Pick<Config, 'baseDir' | 'pluginDirs'>;

/** Whether an entry that did not change leads to something else, because the folders it is looked up in changed. */
export function leadsElsewhere({ kind }: PluginConfig, before: Places, after: Places): boolean {
  if (before.baseDir !== after.baseDir) return kind === 'external' || formOfKind(kind) !== 'name';
  return formOfKind(kind) === 'module' && !isDeepStrictEqual(before.pluginDirs, after.pluginDirs);
}
