import type { PluginModeName } from '../../config/sections/plugin-modes.js';
import type { FaceName } from '../../gateway/gateway-options.js';
import type { ConnectionSettings } from '../../../machines/index.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { ManagerOptions } from '../../manager/manager-options.js';
import type { PluginDefinition } from '../../plugins/plugin.js';
import type { ServersInput } from '../../downstream/servers-file/servers-input.js';
import type { RulesInput } from '../../gateway/rules/rules-input.js';

/** What a world gives those who start its plugins. */
export interface PluginsOfWorld extends Required<Pick<ManagerOptions, 'clock' | 'random' | 'logger' | 'env'>> {
  /** Makes the scripted plugin of a name. */
  readonly scripted: (name: string) => PluginDefinition;
  readonly recorder: ManagerOptions['recorder'];
}

/** The plugins of a world. */
export interface PluginPlan {
  readonly start: (given: PluginsOfWorld) => Promise<PluginManager>;
  /** Those that do what acts say. */
  readonly scripted: readonly string[];
  /** All that may be switched, with the modes that they begin in. */
  readonly modes: ReadonlyMap<string, PluginModeName>;
  /** Configurations that take each other's place; none where the one that there is stays. */
  readonly variants: readonly object[];
}

/** What a world consists of before anything happens in it. */
export interface WorldPlan {
  readonly face: FaceName;
  readonly agents: readonly [string, ...string[]];
  /** Names of all servers that there are in some variant, and of the tools that each may have. */
  readonly servers: readonly { readonly name: string; readonly prefix: string; readonly tools: readonly string[] }[];
  /** Servers files that take each other's place, as objects; the first is in force at the start. */
  readonly serverVariants: readonly [ServersInput, ...ServersInput[]];
  /** The same for rules; undefined: there are none. */
  readonly ruleVariants: readonly [RulesInput | undefined, ...(RulesInput | undefined)[]];
  readonly plugins: PluginPlan | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Where relative paths of the servers start. */
  readonly baseDir: string;
  readonly maxStarts: number;
  readonly maxSessions: number;
  readonly drainMs: number;
  readonly connection: Partial<Omit<ConnectionSettings, 'connectTimeoutMs' | 'idleTimeoutMs'>>;
}
