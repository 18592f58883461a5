import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import type { ConnectionSet } from '../../connection/connection-set.js';
import { GatechartError } from '../../errors.js';
import type { ExternalPluginsDependencies, OpenedPlugin } from '../../external/open-external-plugin.js';
import type { HookRegistry } from '../../hooks/hook-registry.js';
import type { Logger } from '../../observability/logger.js';
import type { LoadedPlugin, PluginInstance } from '../../plugins/plugin.js';
import type { PluginGate } from '../../plugins/plugin-gate.js';
import type { PluginActors } from '../../plugins/plugin-actors.js';
import { lostChanges } from '../../plugins/lost-changes.js';
import { loadedPlugin, type PluginLoader, requireHandlers } from '../../plugins/plugin-loader.js';
import { pluginModes } from '../../plugins/plugin-mode.js';

/** What starting plugins needs. */
export interface PluginStarterDependencies {
  readonly loader: PluginLoader;
  readonly hooks: HookRegistry;
  readonly external: Omit<ExternalPluginsDependencies, 'connections'> & {
    readonly connections: Pick<ConnectionSet, 'open' | 'forget'>;
  };
  readonly actorsOf: (plugin: string) => PluginActors;
  readonly logger: Logger;
  /** Whether a plugin that never runs fails the start, and one that changes payloads where no change is taken. */
  readonly strict: boolean;
  /** Milliseconds an external plugin may take to start. */
  readonly startTimeoutMs: number;
}

/** What became of an entry. */
export type StartedPlugin =
  /** It takes calls. */
  | {
      readonly state: 'running';
      readonly plugin: LoadedPlugin;
      /** Whether its connection was closed for good, though nobody has shut the plugin down. */
      readonly isCutOff: () => boolean;
      /**
       * The same instance under an entry that asks nothing else of its start. Nothing is changed yet.
       *
       * @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN
       */
      readonly under: (entry: PluginConfig) => StartedPlugin;
    }
  /** Its server says that it does not run; nothing but what the server said of it is left. */
  | { readonly state: 'disabled'; readonly config: PluginConfig };

/** Whom a plugin is started for. */
export interface PluginStart {
  /** Names its connection. */
  readonly label: string;
  /** Gives up what waits for a server; what runs in this process cannot be stopped. */
  readonly signal: AbortSignal;
  readonly gate: PluginGate;
}

/** Starts plugins, in this process or elsewhere. */
export class PluginStarter {
  readonly #dependencies: PluginStarterDependencies;

  constructor(dependencies: PluginStarterDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN, CONFIG_INVALID; nothing of the plugin is left then */
  async start(entry: PluginConfig, start: PluginStart): Promise<StartedPlugin> {
    this.#requireHooks(entry);
    if (entry.kind === 'external') return this.#startExternal(entry, start);
    const check = (instance: PluginInstance): void => this.#heedLostChanges(instance, entry);
    return this.#running(await this.#dependencies.loader.load(entry, start.gate, check));
  }

  #running(plugin: LoadedPlugin): StartedPlugin {
    const under = (entry: PluginConfig): StartedPlugin => {
      this.#requireHooks(entry);
      requireHandlers(entry, plugin.instance);
      if (entry.mode !== plugin.config.mode) this.#heedLostChanges(plugin.instance, entry);
      return this.#running(underEntry(plugin, entry));
    };
    return { state: 'running', plugin, under, isCutOff: () => false };
  }

  async #startExternal(entry: PluginConfig, { label, signal, gate }: PluginStart): Promise<StartedPlugin> {
    const { external, actorsOf, logger, startTimeoutMs } = this.#dependencies;
    const { connections } = external;
    let isCutOff = (): boolean => false;
    const open: ConnectionSet['open'] = (name, transport, settings, share) => {
      // An error is about the plugin, whichever of its lives has met it.
      const connection = connections.open(label, transport, settings, share, name);
      isCutOff = () => connection.isClosed;
      return connection;
    };
    const { openExternalPlugin } = await import('../../external/open-external-plugin.js');
    const plugin = await openExternalPlugin(entry, { ...external, connections: { open } });
    try {
      const merged = await plugin.start({ timeoutMs: startTimeoutMs, signal });
      if (pluginModes[merged.mode].schedule === 'never') {
        logger.warn(
          { plugin: entry.name },
          `plugin ${entry.name} does not run: its server says that it is disabled; a \`mode\` given here wins`,
        );
        await connections.forget(label);
        return { state: 'disabled', config: merged };
      }
      const usable = this.#usable(merged, plugin);
      const { clock, random, baseDir, environment } = external;
      const { ssrfProtection } = environment.http;
      const host = { logger, clock, random, baseDir, ssrfProtection };
      const actors = actorsOf(entry.name);
      const setup = { name: entry.name, config: merged.config ?? {}, entry: usable, ...host, actors };
      return this.#runningElsewhere(loadedPlugin(setup, plugin, 'strict', gate), plugin, isCutOff);
    } catch (error) {
      await connections.forget(label);
      throw error;
    }
  }

  #runningElsewhere(plugin: LoadedPlugin, remote: OpenedPlugin, isCutOff: () => boolean): StartedPlugin {
    const under = (entry: PluginConfig): StartedPlugin => {
      this.#requireHooks(entry);
      const merged = remote.configUnder(entry);
      if (pluginModes[merged.mode].schedule === 'never') return { state: 'disabled', config: merged };
      return this.#runningElsewhere(underEntry(plugin, this.#usable(merged, remote)), remote, isCutOff);
    };
    return { state: 'running', plugin, under, isCutOff };
  }

  #requireHooks(entry: PluginConfig): void {
    for (const hook of entry.hooks) this.#dependencies.hooks.require(hook, `Plugin ${entry.name}: `);
  }

  #heedLostChanges(instance: PluginInstance, { name, mode }: PluginConfig): void {
    const lost = lostChanges(instance, mode);
    if (lost === undefined) return;
    const message = `plugin ${name} ${lost}`;
    if (this.#dependencies.strict) throw new GatechartError('PLUGIN_LOAD_FAILED', message);
    this.#dependencies.logger.warn({ plugin: name, mode }, message);
  }

  #usable(merged: PluginConfig, plugin: PluginInstance): PluginConfig {
    const usable = this.#withKnownHooks(merged);
    // Asked for here as well, so that a hook whose payload cannot be sent is found before the plugin counts as started.
    for (const hook of usable.hooks) plugin.handler(hook);
    return usable;
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

function underEntry(plugin: LoadedPlugin, entry: PluginConfig): LoadedPlugin {
  return { ...plugin, config: entry, conditions: entry.conditions };
}
