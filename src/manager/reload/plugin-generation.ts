import type { Config } from '../../config/sections/configuration.js';
import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import type { HookChains } from '../../invocation/hook-chains.js';
import type { LoadedPlugin } from '../../plugins/plugin.js';
import { ModeOverrides } from './mode-overrides.js';
import type { PluginLife } from '../lives/plugin-life.js';
import type { StartedPlugin } from '../lives/plugin-starter.js';

/** A plugin that takes calls. */
export interface Member {
  /** As its life was started, or adapted, under it. */
  readonly entry: PluginConfig;
  readonly life: PluginLife;
  readonly started: Extract<StartedPlugin, { state: 'running' }>;
}

/** A configuration and what runs of it. Never changed, only replaced. */
export interface Generation {
  /** As it was loaded. */
  readonly config: Config;
  readonly overrides: ModeOverrides;
  /** By name, in the order of their entries. */
  readonly members: ReadonlyMap<string, Member>;
  /** All entries with the modes in force, external ones as merged with their servers'. */
  readonly configs: readonly PluginConfig[];
  /** Why those could not be started that were skipped, by name. */
  readonly skipped: ReadonlyMap<string, unknown>;
  readonly chains: HookChains;
}

/** Makes the chains of plugins. */
export type ChainsOf = (plugins: readonly LoadedPlugin[], config: Config) => HookChains;

/** A configuration of which nothing runs. */
export function emptyGeneration(config: Config, chainsOf: ChainsOf): Generation {
  const chains = chainsOf([], config);
  return { config, overrides: new ModeOverrides(), members: new Map(), configs: [], skipped: new Map(), chains };
}
