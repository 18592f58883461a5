import { type Inspector, Supervisor } from '../actors/supervisor.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { holdingClock } from '../time/holding-clock.js';
import { PluginLife, type PluginLifeDependencies } from './plugin-life.js';
import type { PluginStarter } from './plugin-starter.js';

/** What became of the entries of a configuration. */
export interface StartedPlugins {
  /** Those that take calls, in the order of their entries. */
  readonly plugins: readonly LoadedPlugin[];
  /** The entries of all that started, external ones as merged with their servers', those that servers disable included. */
  readonly configs: readonly PluginConfig[];
  /** What the others could not be started for. */
  readonly failures: readonly unknown[];
}

/** The plugins of a manager, from their start to their end. */
export class PluginSet {
  readonly #starter: PluginStarter;
  readonly #dependencies: PluginLifeDependencies;
  readonly #lives: PluginLife[] = [];

  constructor(starter: PluginStarter, dependencies: Omit<PluginLifeDependencies, 'system'>) {
    const { clock, logger } = dependencies;
    this.#starter = starter;
    // Whoever waits for a plugin waits for these timers: the process must not end before.
    this.#dependencies = { ...dependencies, system: new Supervisor('plugins', logger, holdingClock(clock)) };
  }

  /** Starts plugins side by side. */
  async start(entries: readonly PluginConfig[]): Promise<StartedPlugins> {
    const results = await Promise.allSettled(entries.map((entry) => this.#start(entry)));
    const started = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
    const plugins = started.flatMap((one) => (one.state === 'running' ? [one.plugin] : []));
    return {
      plugins,
      configs: started.map((one) => (one.state === 'running' ? one.plugin.config : one.config)),
      failures: results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown),
    };
  }

  inspect(inspector: Inspector): { unsubscribe(): void } {
    return this.#dependencies.system.inspect(inspector);
  }

  /** Shuts all plugins down, side by side. What one throws is logged, and so is one that hangs: nobody waits for it. */
  async close(): Promise<void> {
    const { system } = this.#dependencies;
    await Promise.all(this.#lives.map((life) => life.close()));
    // Where one is left, it may start yet, and its actor has to shut it down then.
    if (system.size === 0) system.stop();
  }

  #start(entry: PluginConfig): ReturnType<PluginLife['start']> {
    const source = {
      name: entry.name,
      runsHere: entry.kind !== 'external',
      load: (signal: AbortSignal) => this.#starter.start(entry, signal),
    };
    const life = new PluginLife(source, this.#dependencies);
    this.#lives.push(life);
    return life.start();
  }
}
