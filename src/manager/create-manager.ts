import { resolve } from 'node:path';
import { invalid } from '../config/code-options.js';
import { inspectAll, observeAll } from '../actors/watchable.js';
import { readEnvironment } from '../config/environment/environment.js';
import { type LoadedConfig, loadConfigInTurns } from '../config/load-config.js';
import { expandHome } from '../config/source/path-base.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookDefinition, HookTypes } from '../hooks/hook.js';
import { callerOf } from '../plugins/strictness.js';
import { lookAt } from '../config/reload/config-watch.js';
import { checkOptions, checkOptionValues, type ManagerOptions } from './manager-options.js';
import { managerDependencies, type PartOptions } from './manager-dependencies.js';
import { PluginManager } from './plugin-manager.js';
import { loadable, RunningConfiguration } from './reload/running-configuration.js';

/**
 * Loads a configuration, starts its plugins side by side and gives back a manager that is ready.
 *
 * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE
 * @throws GatechartError CONFIG_INVALID for options, HOOK_DUPLICATE, HOOK_UNKNOWN, PLUGIN_LOAD_FAILED; everything that had started is shut down then
 */
export async function createManager<
  const Own extends readonly HookDefinition[] = [],
  const Kinds extends readonly string[] = readonly string[],
>(options: ManagerOptions<Own, Kinds> = {}): Promise<PluginManager<BuiltInHooks & HookTypes<Own>>> {
  checkOptions(options);
  const { config, watch = false, ...others } = options;
  const { env = process.env } = options;
  const isHostStrict = callerOf(createManager) !== 'sloppy';
  const { configFile } = readEnvironment(env);
  const source = config === undefined ? configFile : loadable(config);
  if (!watch) return startManager(await loadConfigInTurns(source, { env }), { ...others, isHostStrict });
  if (typeof source !== 'string') throw invalid('options.watch is true, but options.config is no file to be followed');
  const file = resolve(expandHome(source));
  const followed = { file, seen: lookAt(file) };
  return startManager(await loadConfigInTurns(source, { env }), { ...others, isHostStrict, followed });
}

/** Starts the plugins of a configuration that is loaded; else as `createManager`. */
export async function startManager<const Own extends readonly HookDefinition[] = []>(
  loaded: LoadedConfig,
  options: Omit<ManagerOptions<Own>, 'config' | 'watch'> &
    Pick<PartOptions, 'isHostStrict' | 'shared'> & {
      /** The file to follow, and what it looked like before it was read. */
      readonly followed?: { readonly file: string; readonly seen: string | undefined };
    } = {},
): Promise<PluginManager<BuiltInHooks & HookTypes<Own>>> {
  checkOptionValues(options);
  const dependencies = managerDependencies(loaded.config, options);
  if (options.recorder !== undefined) observeAll(dependencies.actors, options.recorder.observer);
  for (const meter of [options.metrics, options.observability?.meter])
    if (meter !== undefined) dependencies.meters.add(meter);
  const running = new RunningConfiguration(dependencies);
  try {
    if (options.inspector !== undefined) inspectAll(dependencies.actors, options.inspector, 'manager');
    await running.start(loaded);
  } catch (error) {
    running.close();
    await dependencies.release();
    throw error;
  }
  if (options.followed !== undefined) running.follow(options.followed.file, options.followed.seen);
  return new PluginManager(dependencies, running);
}
