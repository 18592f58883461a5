import { fileURLToPath } from 'node:url';
import type { ConnectionSettings } from '../../machines/index.js';
import type { Inspector } from '../actors/supervisor.js';
import { checkOptionNames, invalid } from '../config/code-options.js';
import { readEnvironment } from '../config/environment.js';
import { type LoadedConfig, loadConfig } from '../config/load-config.js';
import type { PluginConfig } from '../config/plugin-config.js';
import { ConnectionSystem } from '../connection/connection-system.js';
import { describeValue } from '../context/described-value.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookDefinition, HookTypes } from '../hooks/hook.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import type { PayloadPolicies } from '../hooks/payload-policy.js';
import { HookChains } from '../invocation/hook-chains.js';
import { HookInvoker } from '../invocation/hook-invoker.js';
import { HookSpans } from '../invocation/hook-spans.js';
import { createLogger, type Logger } from '../observability/logger.js';
import type { ObservabilityProvider } from '../observability/spans.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { type PluginKind, PluginLoader } from '../plugins/plugin-loader.js';
import { pluginModes } from '../plugins/plugin-mode.js';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import { callerOf } from '../plugins/strictness.js';
import { type Clock, type Random, systemClock } from '../time/clock.js';
import { Deadlines } from '../time/deadlines.js';
import { checkOptionNumbers, withDefaults } from '../time/duration.js';
import { PluginManager } from './plugin-manager.js';
import { shutDown } from './plugin-shutdown.js';
import { PluginStarter } from './plugin-starter.js';
import { placedEntries, requireOrder } from './run-order.js';

/** What a manager is made of; everything may be left out. */
export interface ManagerOptions<Own extends readonly HookDefinition[] = readonly HookDefinition[]> {
  /**
   * Path or `file:` URL of a YAML file, or a plain object with the same keys. Default: `PLUGINS_CONFIG_FILE`, or
   * plugins/config.yaml.
   */
  readonly config?: string | URL | object;
  /** Plugins in code, by the `kind` that configurations name them with. */
  readonly kinds?: Readonly<Record<string, PluginKind>>;
  /** Hooks of the host's own, made with `defineHook`. */
  readonly hooks?: Own;
  /**
   * What plugins may change, by hook. Default: no policies; see `gatewayPolicies`. `writable` names fields of the hook's
   * payload, so on hooks with a result of their own (`http_*`) it limits nothing: results are taken whole.
   */
  readonly policies?: PayloadPolicies;
  /**
   * What holds for hooks without a policy. Default: `PLUGINS_DEFAULT_HOOK_POLICY`, or `allow`. With `deny`, results of
   * `http_*` hooks are taken only where there is a policy, whatever it says, or where they are a denial.
   */
  readonly defaultHookPolicy?: 'allow' | 'deny';
  /** Takes a span per hook and per plugin. */
  readonly observability?: ObservabilityProvider;
  /** Default: pino on standard error, at `PLUGINS_LOG_LEVEL`. */
  readonly logger?: Logger;
  /** Watches every actor from the start; see `PluginManager.inspect`. */
  readonly inspector?: Inspector;
  /** How connections behave beyond what configurations say; see `defaultConnectionSettings`. */
  readonly connection?: Partial<Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'>>;
  /** Milliseconds a plugin may take to start, connecting included. Default 30,000. */
  readonly startTimeoutMs?: number;
  /**
   * Milliseconds a plugin may take to shut down when the manager closes; one that takes longer is logged as a warning and
   * left behind. Default 10,000. Ending the process of an external plugin takes up to about 3,000.
   */
  readonly shutdownTimeoutMs?: number;
  /** Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** How connections behave where nothing else is said. Times in milliseconds. */
export const defaultConnectionSettings: Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'> = {
  connectTimeoutMs: 20_000,
  jitter: 0.2,
  stablePeriodMs: 5_000,
  reconnectWindowMs: 5_000,
  cooldownMs: 1_000,
  maxCooldownMs: 30_000,
  suspectAfter: 3,
  pingTimeoutMs: 5_000,
  idleTimeoutMs: undefined,
  maxWaiting: 1_000,
};

/**
 * Loads a configuration, starts its plugins side by side and gives back a manager that is ready.
 *
 * @throws ConfigError CONFIG_INVALID, also for modes of `cpex` that would run in the wrong order, CONFIG_UNREADABLE
 * @throws GatechartError HOOK_DUPLICATE, HOOK_UNKNOWN, PLUGIN_LOAD_FAILED; everything that had started is shut down then
 */
export async function createManager<const Own extends readonly HookDefinition[] = []>(
  options: ManagerOptions<Own> = {},
): Promise<PluginManager<BuiltInHooks & HookTypes<Own>>> {
  checkOptionNames(options, Object.keys(optionNames), 'createManager');
  const { env = process.env } = options;
  checkOptions(options);
  const { configFile } = readEnvironment(env);
  const isHostStrict = callerOf(createManager) !== 'sloppy';
  return startManager(loadConfig(sourceOf(options.config) ?? configFile, { env }), { ...options, isHostStrict });
}

/** Starts the plugins of a configuration that is loaded; else as `createManager`. */
export async function startManager<const Own extends readonly HookDefinition[] = []>(
  { config, warnings }: LoadedConfig,
  options: Omit<ManagerOptions<Own>, 'config'> & {
    /** Default true. False for a plugin server, whose plugins are called by name: their order does not matter. */
    readonly runsChains?: boolean;
    /** Whether `kinds` are known to come from strict code. Default true. */
    readonly isHostStrict?: boolean;
  } = {},
): Promise<PluginManager<BuiltInHooks & HookTypes<Own>>> {
  const { env = process.env, clock = systemClock, random = Math.random } = options;
  checkOptions(options);
  const environment = readEnvironment(env);
  const logger = options.logger ?? createLogger(environment.logLevel);
  for (const warning of warnings) logger.warn({ ...warning }, warning.message);

  const { runsChains = true } = options;
  if (runsChains && environment.enabled) requireOrder(placedEntries(config), config);
  const hooks = new HookRegistry(options.hooks);
  for (const hook of Object.keys(options.policies ?? {}).filter((name) => hooks.get(name) === undefined)) {
    logger.warn({ hook }, `the policy of ${hook} limits nothing: nobody registered a hook of that name`);
  }
  const deadlines = new Deadlines(clock);
  const system = new ConnectionSystem(clock, deadlines, logger);
  const spans = options.observability === undefined ? undefined : new HookSpans(options.observability, logger);
  const invoker = new HookInvoker(deadlines, logger, spans);
  const inspectAll = (inspector: Inspector): { unsubscribe(): void }[] => [
    invoker.inspect(inspector),
    system.inspect(inspector),
  ];
  if (options.inspector !== undefined) inspectAll(options.inspector);

  const shutdownTimeoutMs = options.shutdownTimeoutMs ?? 10_000;
  const starter = new PluginStarter({
    loader: new PluginLoader(options.kinds ?? {}, config, logger, options.isHostStrict),
    hooks,
    system,
    clock,
    random,
    logger,
    env,
    environment,
    baseDir: config.baseDir,
    strict: config.settings.strict ?? false,
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    shutdownTimeoutMs,
    connection: withDefaults(defaultConnectionSettings, options.connection),
  });
  const release = async (started: readonly LoadedPlugin[]): Promise<void> => {
    invoker.close();
    await shutDown(started, { clock, logger, shutdownTimeoutMs });
    system.stop();
    deadlines.close();
  };

  if (!environment.enabled) logger.warn({}, 'PLUGINS_ENABLED is false: no plugin runs');
  const entries = environment.enabled
    ? config.plugins.filter(({ mode }) => pluginModes[mode].schedule !== 'never')
    : [];
  const { plugins, merged, failures } = await startAll(entries, starter);
  if (failures.length > 0 && !config.settings.skipUnloadablePlugins) {
    await release(plugins);
    throw startFailed(failures, config.file);
  }
  for (const error of failures) {
    logger.error({ err: error, file: config.file }, `skipped a plugin: ${messageOf(error)}`);
  }
  if (runsChains) {
    try {
      requireOrder(
        plugins.map((plugin) => plugin.config),
        config,
      );
    } catch (error) {
      await release(plugins);
      throw error;
    }
  }
  const chains = new HookChains(hooks, new PluginRegistry(plugins), {
    manager: config.settings,
    policies: options.policies ?? {},
    defaultPolicy: options.defaultHookPolicy ?? environment.defaultHookPolicy,
    logger,
  });
  logger.info({ plugins: plugins.length, file: config.file }, `${plugins.length} plugins are ready`);
  return new PluginManager({
    hooks,
    chains,
    invoker,
    connections: starter.connections,
    configs: config.plugins.map((entry) => merged.find(({ name }) => name === entry.name) ?? entry),
    inspectAll,
    release: () => release(plugins),
  });
}

const optionNames: Readonly<Record<keyof ManagerOptions, true>> = {
  config: true,
  kinds: true,
  hooks: true,
  policies: true,
  defaultHookPolicy: true,
  observability: true,
  logger: true,
  inspector: true,
  connection: true,
  startTimeoutMs: true,
  shutdownTimeoutMs: true,
  env: true,
  clock: true,
  random: true,
};

/** @throws GatechartError CONFIG_INVALID for what nothing could keep: durations, counts, and policies that are none */
function checkOptions({
  defaultHookPolicy,
  startTimeoutMs,
  shutdownTimeoutMs,
  connection,
}: Omit<ManagerOptions, 'config' | 'hooks'>): void {
  if (defaultHookPolicy !== undefined && !['allow', 'deny'].includes(defaultHookPolicy))
    throw invalid(`options.defaultHookPolicy is ${describeValue(defaultHookPolicy)}, expected "allow" or "deny"`);
  checkOptionNumbers({ startTimeoutMs, shutdownTimeoutMs }, 'options');
  checkOptionNumbers(connection ?? {}, 'options.connection');
}

function sourceOf(config: string | URL | object | undefined): string | object | undefined {
  return config instanceof URL ? fileURLToPath(config) : config;
}

async function startAll(
  entries: readonly PluginConfig[],
  starter: PluginStarter,
): Promise<{ readonly plugins: LoadedPlugin[]; readonly merged: PluginConfig[]; readonly failures: unknown[] }> {
  const results = await Promise.allSettled(entries.map((entry) => starter.start(entry)));
  const plugins: LoadedPlugin[] = [];
  const merged: PluginConfig[] = [];
  const failures: unknown[] = [];
  for (const result of results) {
    if (result.status === 'rejected') {
      failures.push(result.reason);
    } else if (result.value.state === 'running') {
      plugins.push(result.value.plugin);
      merged.push(result.value.plugin.config);
    } else {
      merged.push(result.value.config);
    }
  }
  return { plugins, merged, failures };
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
