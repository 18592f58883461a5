import { fileURLToPath } from 'node:url';
import type { Inspector } from '../actors/supervisor.js';
import { readEnvironment } from '../config/environment/environment.js';
import { type LoadedConfig, loadConfig } from '../config/load-config.js';
import { ConnectionSet, defaultConnectionSettings } from '../connection/connection-set.js';
import { ConnectionSystem } from '../connection/connection-system.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookDefinition, HookTypes } from '../hooks/hook.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import { HookChains } from '../invocation/hook-chains.js';
import { HookInvoker } from '../invocation/hook-invoker.js';
import { HookSpans } from '../invocation/hook-spans.js';
import { createLogger } from '../observability/logger.js';
import { PluginLoader } from '../plugins/plugin-loader.js';
import { pluginModes } from '../plugins/plugin-mode.js';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import { callerOf } from '../plugins/strictness.js';
import { systemClock } from '../time/clock.js';
import { Deadlines } from '../time/deadlines.js';
import { withDefaults } from '../config/option-values.js';
import { checkOptions, checkOptionValues, type ManagerOptions } from './manager-options.js';
import { PluginManager } from './plugin-manager.js';
import { PluginSet } from './plugin-set.js';
import { PluginStarter } from './plugin-starter.js';

/**
 * Loads a configuration, starts its plugins side by side and gives back a manager that is ready.
 *
 * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE
 * @throws GatechartError CONFIG_INVALID for options, HOOK_DUPLICATE, HOOK_UNKNOWN, PLUGIN_LOAD_FAILED; everything that had started is shut down then
 */
export async function createManager<const Own extends readonly HookDefinition[] = []>(
  options: ManagerOptions<Own> = {},
): Promise<PluginManager<BuiltInHooks & HookTypes<Own>>> {
  checkOptions(options);
  const { env = process.env } = options;
  const { configFile } = readEnvironment(env);
  const isHostStrict = callerOf(createManager) !== 'sloppy';
  return startManager(loadConfig(sourceOf(options.config) ?? configFile, { env }), { ...options, isHostStrict });
}

/** Starts the plugins of a configuration that is loaded; else as `createManager`. */
export async function startManager<const Own extends readonly HookDefinition[] = []>(
  { config, warnings }: LoadedConfig,
  options: Omit<ManagerOptions<Own>, 'config'> & {
    /** Whether `kinds` are known to come from strict code. Default true. */
    readonly isHostStrict?: boolean;
  } = {},
): Promise<PluginManager<BuiltInHooks & HookTypes<Own>>> {
  const { env = process.env, clock = systemClock, random = Math.random } = options;
  checkOptionValues(options);
  const environment = readEnvironment(env);
  const logger = options.logger ?? createLogger(environment.logLevel);
  for (const warning of warnings) logger.warn({ ...warning }, warning.message);

  const hooks = new HookRegistry(options.hooks);
  for (const hook of Object.keys(options.policies ?? {}).filter((name) => hooks.get(name) === undefined)) {
    logger.warn({ hook }, `the policy of ${hook} limits nothing: nobody registered a hook of that name`);
  }
  const deadlines = new Deadlines(clock);
  const system = new ConnectionSystem(clock, deadlines, logger);
  const spans = options.observability === undefined ? undefined : new HookSpans(options.observability, logger);
  const invoker = new HookInvoker(deadlines, logger, spans);
  const settings = withDefaults(defaultConnectionSettings, options.connection);
  const connections = new ConnectionSet({ settings, system, clock, random, logger });
  const { baseDir } = config;
  const hookOf = (name: string): HookDefinition | undefined => hooks.get(name);
  const { startTimeoutMs = 30_000, shutdownTimeoutMs = 10_000 } = options;
  const starter = new PluginStarter({
    loader: new PluginLoader(options.kinds ?? {}, config, logger, options.isHostStrict),
    hooks,
    external: { connections, environment, hookOf, env, baseDir, logger, clock, random },
    logger,
    strict: config.settings.strict ?? false,
    startTimeoutMs,
  });
  const set = new PluginSet(starter, { clock, logger, startTimeoutMs, shutdownTimeoutMs });
  const inspectAll = (inspector: Inspector): { unsubscribe(): void }[] =>
    [invoker, system, set].map((actors) => actors.inspect(inspector));
  if (options.inspector !== undefined) inspectAll(options.inspector);
  const release = async (): Promise<void> => {
    invoker.close();
    await set.close();
    system.stop();
    deadlines.close();
  };

  if (!environment.enabled) logger.warn({}, 'PLUGINS_ENABLED is false: no plugin runs');
  const entries = environment.enabled
    ? config.plugins.filter(({ mode }) => pluginModes[mode].schedule !== 'never')
    : [];
  const { plugins, configs, failures } = await set.start(entries);
  if (failures.length > 0 && !config.settings.skipUnloadablePlugins) {
    await release();
    throw startFailed(failures, config.file);
  }
  for (const error of failures) {
    logger.error({ err: error, file: config.file }, `skipped a plugin: ${messageOf(error)}`);
  }
  const chains = new HookChains(hooks, new PluginRegistry(plugins, config.settings), {
    manager: config.settings,
    policies: options.policies ?? {},
    defaultPolicy: options.defaultHookPolicy ?? environment.defaultHookPolicy,
    logger,
    gates: { closed: 0 },
  });
  logger.info({ plugins: plugins.length, file: config.file }, `${plugins.length} plugins are ready`);
  return new PluginManager({
    hooks,
    chains,
    invoker,
    connections,
    configs: config.plugins.map((entry) => configs.find(({ name }) => name === entry.name) ?? entry),
    inspectAll,
    release,
  });
}

function sourceOf(config: string | URL | object | undefined): string | object | undefined {
  return config instanceof URL ? fileURLToPath(config) : config;
}

/** The error for what could not be started. Where the plugins come from a file, it begins with the file. */
function startFailed(failures: readonly unknown[], file: string | undefined): unknown {
  const [first] = failures;
  const details = file === undefined ? {} : { file };
  const at = file === undefined ? '' : `${file}: `;
  if (failures.length > 1) {
    const message = `${at}${failures.length} plugins cannot be started:\n${failures.map(messageOf).join('\n')}`;
    return new GatechartError('PLUGIN_LOAD_FAILED', message, { cause: new AggregateError(failures), details });
  }
  // What a server's configuration is refused with is not in our file.
  if (!isGatechartError(first) || !['PLUGIN_LOAD_FAILED', 'HOOK_UNKNOWN'].includes(first.code)) return first;
  const { code, message, cause } = first;
  return new GatechartError(code, at + message, { cause, details: { ...first.details, ...details } });
}
