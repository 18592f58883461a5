import type { Config } from '../../config/sections/configuration.js';
import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import { pluginModes } from '../../plugins/plugin-mode.js';
import { changeOfEntry, leadsElsewhere } from './entry-changes.js';
import type { Generation, Member } from './plugin-generation.js';

/** What is to be done with one entry. */
export type PlannedEntry =
  /** It does not run: its mode says so, or its server. */
  | { readonly step: 'off'; readonly config: PluginConfig }
  /** It does not run, and nothing that it could run for has changed. */
  | { readonly step: 'leave'; readonly config: PluginConfig }
  | { readonly step: 'start'; readonly entry: PluginConfig; readonly before: Member | undefined }
  | { readonly step: 'keep'; readonly member: Member; readonly isChanged: boolean };

/** What a reload is going to do. Nothing of it is done yet. */
export interface ReloadPlan {
  /** In the order of the new configuration. */
  readonly entries: readonly PlannedEntry[];
  /** Those that run no more. */
  readonly removed: readonly Member[];
  /** Why plugins that run cannot go on under their new entries. */
  readonly failures: readonly unknown[];
}

/**
 * @param entries of the new configuration, with the modes in force
 * @param only the plugin that alone is to change; default: all may. Others that do not run are not tried
 */
export function reloadPlan(
  before: Generation,
  config: Config,
  entries: readonly PluginConfig[],
  only?: string,
): ReloadPlan {
  const failures: unknown[] = [];
  // Once, and not for each of thousands that do not run.
  const known = new Map(only === undefined ? [] : before.configs.map((one) => [one.name, one]));
  const planned = entries.map((entry): PlannedEntry => {
    const isLeft = only !== undefined && only !== entry.name && !before.members.has(entry.name);
    const left = isLeft ? known.get(entry.name) : undefined;
    if (left !== undefined) return { step: 'leave', config: left };
    try {
      return planOf(entry, before, config, only === undefined || only === entry.name);
    } catch (error) {
      failures.push(error);
      return { step: 'off', config: entry };
    }
  });
  const running = new Set(
    planned.flatMap((plan) => (plan.step === 'start' || plan.step === 'keep' ? [nameOf(plan)] : [])),
  );
  return {
    entries: planned,
    removed: [...before.members.values()].filter(({ entry }) => !running.has(entry.name)),
    failures,
  };
}

/** @param isAsked whether a connection that somebody has closed is to be opened again */
function planOf(
  entry: PluginConfig,
  { config: beforeConfig, members }: Generation,
  config: Config,
  isAsked: boolean,
): PlannedEntry {
  if (pluginModes[entry.mode].schedule === 'never') return { step: 'off', config: entry };
  const before = members.get(entry.name);
  if (before === undefined) return { step: 'start', entry, before };
  const change = leadsElsewhere(entry, beforeConfig, config) ? 'restarts' : changeOfEntry(before.entry, entry);
  if (change === 'restarts' || (isAsked && before.started.isCutOff())) return { step: 'start', entry, before };
  if (change === 'none') return { step: 'keep', member: before, isChanged: false };
  const started = before.started.under(entry);
  if (started.state === 'disabled') return { step: 'off', config: started.config };
  return { step: 'keep', member: { entry, life: before.life, started }, isChanged: true };
}

function nameOf(plan: Extract<PlannedEntry, { step: 'start' | 'keep' }>): string {
  return plan.step === 'start' ? plan.entry.name : plan.member.entry.name;
}
