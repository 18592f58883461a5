import type { HookDefinition } from '../hooks/hook.js';
import type { HookHandler, LoadedPlugin } from './plugin.js';
import { type PluginRights, type RightsSettings, rightsOf } from './plugin-mode.js';

/** A plugin with what it may do to its chains. */
export interface ChainPlugin extends LoadedPlugin {
  readonly rights: PluginRights;
}

/** One plugin on one hook. */
export interface Registration {
  readonly plugin: ChainPlugin;
  readonly handler: HookHandler;
}

/** Which plugins run on which hook, in which order. Made once from all plugins; never changed. */
export class PluginRegistry {
  readonly plugins: readonly LoadedPlugin[];
  readonly #byHook = new Map<string, Registration[]>();

  /** @param plugins in the order they were registered; ties of phase and priority keep it. Their hooks must all be handled. */
  constructor(plugins: readonly LoadedPlugin[], settings: RightsSettings) {
    this.plugins = plugins;
    const placed = plugins.map((plugin) => chainPlugin(plugin, rightsOf(plugin.config, settings)));
    const inOrder = placed.toSorted((a, b) => a.rights.phase - b.rights.phase || a.config.priority - b.config.priority);
    for (const plugin of inOrder) {
      for (const hook of new Set(plugin.config.hooks)) {
        const handler = plugin.instance.handler(hook);
        if (handler === undefined) continue;
        const registrations = this.#byHook.get(hook);
        if (registrations === undefined) this.#byHook.set(hook, [{ plugin, handler }]);
        else registrations.push({ plugin, handler });
      }
    }
  }

  /** The plugins on a hook, in the order they run. */
  on(hook: HookDefinition): readonly Registration[] {
    return this.#byHook.get(hook.name) ?? [];
  }
}

/** A plugin with these rights. Written out, so that all have one shape, as {@link rightsOf} says. */
export function chainPlugin(plugin: LoadedPlugin, rights: PluginRights): ChainPlugin {
  const { id, name, config, conditions, gate, setup, instance, code } = plugin;
  return { id, name, config, conditions, gate, setup, instance, code, rights };
}
