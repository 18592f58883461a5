import type { PluginConfig } from '../config/plugin-config.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { WireContext } from '../wire/context-codec.js';
import type { PluginHost } from './plugin-host.js';

/** What a plugin server needs of a manager; a `PluginManager` is one. */
export interface ServedManager {
  readonly configs: readonly PluginConfig[];
  invokeHookForPlugin(
    plugin: string,
    hook: string,
    payload: unknown,
    context: WireContext,
    options: { readonly signal: CancelSignal },
  ): Promise<PluginResult>;
  close(): Promise<void>;
}

/** Serves the plugins of a manager. Closing the host closes the manager. */
export function createManagerHost(manager: ServedManager): PluginHost {
  return {
    configs: () => manager.configs,
    invoke: (plugin, hook, payload, context, waiting) =>
      manager.invokeHookForPlugin(plugin, hook, payload, context, { signal: waiting.cancellation ?? waiting.signal }),
    close: () => manager.close(),
  };
}
