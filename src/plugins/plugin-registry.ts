import type { HookDefinition } from '../hooks/hook.js';
import type { HookHandler, LoadedPlugin } from './plugin.js';

/** One plugin on one hook. */
export interface Registration {
  readonly plugin: LoadedPlugin;
  readonly handler: HookHandler;
}

/** Which plugins run on which hook, in which order. Made once from all plugins; never changed. */
export class PluginRegistry {
  readonly plugins: readonly LoadedPlugin[];
  readonly #byHook = new Map<string, Registration[]>();

  /** @param plugins in the order they were registered; ties of priority keep it. Their hooks must all be handled. */
  constructor(plugins: readonly LoadedPlugin[]) {
    this.plugins = plugins;
    const inOrder = [...plugins].sort((a, b) => a.config.priority - b.config.priority);
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
