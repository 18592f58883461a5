import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { GatechartError } from '../errors.js';
import { type ExternalPluginsDependencies, openExternalPlugin } from '../external/open-external-plugin.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import type { Logger } from '../observability/logger.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { loadedPlugin, type PluginLoader } from '../plugins/plugin-loader.js';
import { pluginModes } from '../plugins/plugin-mode.js';

/** What starting plugins needs. */
export interface PluginStarterDependencies {
  readonly loader: PluginLoader;
  readonly hooks: HookRegistry;
  readonly external: ExternalPluginsDependencies;
  readonly logger: Logger;
  /** Whether a plugin that never runs fails the start. */
  readonly strict: boolean;
  /** Milliseconds an external plugin may take to start. */
  readonly startTimeoutMs: number;
}

/** What became of an entry. */
export type StartedPlugin =
  /** It takes calls. */
  | { readonly state: 'running'; readonly plugin: LoadedPlugin }
  /** Its server says that it does not run; nothing but what the server said of it is left. */
  | { readonly state: 'disabled'; readonly config: PluginConfig };

/** Starts plugins, in this process or elsewhere. */
export class PluginStarter {
  readonly #dependencies: PluginStarterDependencies;

  constructor(dependencies: PluginStarterDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * @param signal gives up what waits for a server; what runs in this process cannot be stopped
   * @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN, CONFIG_INVALID; nothing of the plugin is left then
   */
  async start(entry: PluginConfig, signal: AbortSignal): Promise<StartedPlugin> {
    const { hooks, loader } = this.#dependencies;
    for (const hook of entry.hooks) hooks.require(hook, `Plugin ${entry.name}: `);
    if (entry.kind === 'external') return this.#startExternal(entry, signal);
    return { state: 'running', plugin: await loader.load(entry) };
  }

  async #startExternal(entry: PluginConfig, signal: AbortSignal): Promise<StartedPlugin> {
    const { external, logger, startTimeoutMs } = this.#dependencies;
    const { connections } = external;
    const plugin = openExternalPlugin(entry, external);
    try {
      const merged = await plugin.start({ timeoutMs: startTimeoutMs, signal });
      if (pluginModes[merged.mode].schedule === 'never') {
        logger.warn(
          { plugin: entry.name },
          `plugin ${entry.name} does not run: its server says that it is disabled; a \`mode\` given here wins`,
        );
        await connections.forget(entry.name);
        return { state: 'disabled', config: merged };
      }
      const usable = this.#withKnownHooks(merged);
      // Asked for here as well, so that a hook whose payload cannot be sent is found before the plugin counts as started.
      for (const hook of usable.hooks) plugin.handler(hook);
      const setup = { name: entry.name, config: merged.config ?? {}, entry: usable, logger };
      return { state: 'running', plugin: loadedPlugin(setup, plugin, 'strict') };
    } catch (error) {
      await connections.forget(entry.name);
      throw error;
    }
  }

  #withKnownHooks(merged: PluginConfig): PluginConfig {
    const { hooks, logger } = this.#dependencies;
    const unknown = merged.hooks.filter((hook) => hooks.get(hook) === undefined);
    if (unknown.length > 0) {
      logger.warn(
        { plugin: merged.name, hooks: unknown },
        `plugin ${merged.name}: its server names hooks nobody here knows`,
      );
    }
    const known = merged.hooks.filter((hook) => !unknown.includes(hook));
    if (known.length === 0) {
      const message = `plugin ${merged.name} never runs: neither its entry nor its server names a hook that is known here; list its \`hooks\``;
      if (this.#dependencies.strict) throw new GatechartError('PLUGIN_LOAD_FAILED', message);
      logger.warn({ plugin: merged.name }, message);
    }
    return { ...merged, hooks: known };
  }
}
