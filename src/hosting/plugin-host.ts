import type { PluginConfig } from '../config/plugin-config.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { WireContext } from '../wire/context-codec.js';
import type { Waiting } from '../serving/caller.js';

/** Where a plugin server's plugins come from. */
export interface PluginHost {
  /** All configured plugins, disabled ones included. */
  configs(): readonly PluginConfig[];
  /**
   * Runs one hook of one plugin, outside conditions and chain. What the plugin writes to its state and metadata and to
   * the global state is found in `context` afterwards.
   *
   * @throws GatechartError PLUGIN_NOT_FOUND, HOOK_UNKNOWN, PLUGIN_FAILED and others, which become error answers
   */
  invoke(
    pluginName: string,
    hookName: string,
    payload: unknown,
    context: WireContext,
    options: Waiting,
  ): Promise<PluginResult>;
  /** Shuts the plugins down. */
  close(): Promise<void>;
}

/** The configuration of a plugin, whatever the case of the name it is asked for by. */
export function configNamed(host: PluginHost, name: string): PluginConfig | undefined {
  const wanted = name.toLowerCase();
  return host.configs().find((config) => config.name.toLowerCase() === wanted);
}
