import { fileURLToPath } from 'node:url';
import { invalid } from '../../config/code-options.js';
import { countOf } from '../../config/config-issue.js';
import { type LoadedConfig, loadConfig } from '../../config/load-config.js';
import { type PluginModeName, pluginModeNames } from '../../config/sections/plugin-modes.js';
import { GatechartError } from '../../errors.js';
import { describeValue } from '../../json/described-value.js';
import { excerpt } from '../../json/excerpt.js';
import { type ConfigWatch, watchConfig } from '../../config/reload/config-watch.js';
import type { ManagerDependencies } from '../manager-dependencies.js';
import type { Generation } from './plugin-generation.js';
import { type ReloadReport, reportText } from './reload-report.js';
import { type ReloadDependencies, ReloadTask, type Wanted } from './reload-task.js';
import { Reloads } from '../../config/reload/reloads.js';

/** What `createManager` and `reload` take a configuration from. */
export type ConfigSource = string | URL | object;

/** What `loadConfig` takes. */
export function loadable(source: ConfigSource): string | object {
  return source instanceof URL ? fileURLToPath(source) : source;
}

/** What a manager runs, and how that is changed while it does. */
export class RunningConfiguration {
  readonly #manager: ManagerDependencies;
  readonly #dependencies: ReloadDependencies;
  readonly #reloads: Reloads<ReloadReport>;
  #watch: ConfigWatch | undefined;

  constructor(manager: ManagerDependencies) {
    this.#manager = manager;
    this.#dependencies = { ...manager, enabled: manager.environment.enabled };
    this.#reloads = new Reloads({ what: 'the plugins', textOf: reportText, closed }, manager.changes, manager.logger);
  }

  /** Starts the plugins of the first configuration. @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN */
  async start({ config, warnings }: LoadedConfig): Promise<void> {
    const { environment, inForce, logger } = this.#manager;
    if (!environment.enabled) logger.warn({}, 'PLUGINS_ENABLED is false: no plugin runs');
    const first = this.#task(({ overrides }) => ({ config, warnings, overrides }));
    first.check();
    await first.start();
    first.swap();
    const { size } = inForce.current.members;
    logger.info({ plugins: size, file: config.file }, `${countOf(size, 'plugin')} ${size === 1 ? 'is' : 'are'} ready`);
  }

  /** @param source default: the file of the configuration in force */
  reload(source?: ConfigSource): Promise<ReloadReport> {
    const { env } = this.#manager;
    return this.#reloads.run(
      this.#task(({ config: before, overrides }) => {
        const from = source === undefined ? before.file : loadable(source);
        if (from === undefined) throw invalid('the configuration in force comes from no file; give reload another one');
        return { ...loadConfig(from, { env, before }), overrides };
      }),
    );
  }

  async setMode(name: string, mode: PluginModeName): Promise<ReloadReport> {
    if (!pluginModeNames.includes(mode))
      throw invalid(`the mode of setMode is ${shown(mode)}, expected one of ${pluginModeNames.join(', ')}`);
    return this.#reloads.run(
      this.#task(({ config, overrides }) => {
        const entry = config.plugins.find((plugin) => plugin.name === name);
        if (entry === undefined) throw this.#manager.inForce.notFound(name);
        return { config, warnings: [], overrides: overrides.with(entry, mode), only: name };
      }),
    );
  }

  disable(name: string): void {
    this.#manager.inForce.require(name).life.disable();
  }

  enable(name: string): void {
    this.#manager.inForce.require(name).life.enable();
  }

  /** Puts a file in force whenever it changes. @param seen what it looked like before it was read */
  follow(file: string, seen: string | undefined): void {
    const { changes: system, clock, logger } = this.#manager;
    // Whatever goes wrong is in the log already, for all reloads.
    const reload = (): Promise<void> => this.reload(file).then(undefined, () => undefined);
    this.#watch = watchConfig({ file, seen, reload, system, clock, logger });
  }

  /** Nothing is changed any more. */
  close(): void {
    this.#watch?.close();
    this.#reloads.close();
  }

  #task(wanted: (before: Generation) => Wanted): ReloadTask {
    return new ReloadTask(wanted, this.#manager.inForce, this.#dependencies);
  }
}

function closed(): GatechartError {
  return new GatechartError('MANAGER_CLOSED', 'The manager is closed; nothing is reloaded any more.');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(excerpt(value, 100)) : describeValue(value);
}
