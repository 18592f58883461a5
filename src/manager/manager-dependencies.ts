import { Supervisor } from '../actors/supervisor.js';
import { readyMadeKind, readyMadeNames } from '../catalogue/ready-made-kinds.js';
import type { Watchable } from '../actors/watchable.js';
import { entryPlaces } from '../config/entry-places.js';
import { type EnvironmentSettings, readEnvironment } from '../config/environment/environment.js';
import { withDefaults } from '../config/option-values.js';
import type { Config } from '../config/sections/configuration.js';
import { ConnectionSet, defaultConnectionSettings } from '../connection/connection-set.js';
import { ConnectionSystem } from '../connection/connection-system.js';
import type { SharedServers } from '../external/shared-servers.js';
import type { HookDefinition } from '../hooks/hook.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import { HookChains } from '../invocation/hook-chains.js';
import { HookInvoker } from '../invocation/hook-invoker.js';
import { HookSpans } from '../invocation/hook-spans.js';
import { createLogger, type Logger, unfailingLogger } from '../observability/logger.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { ActorsOfPlugin } from '../plugins/plugin-actors.js';
import { PluginLoader } from '../plugins/plugin-loader.js';
import { PluginRegistry } from '../plugins/plugin-registry.js';
import { type Clock, systemClock } from '../time/clock.js';
import { Deadlines } from '../time/deadlines.js';
import { deferred, type Deferred } from '../time/deferred.js';
import { Pace } from '../time/pace.js';
import { ClosedGates } from './lives/closed-gates.js';
import { ManagerMeters } from './manager-meters.js';
import type { ManagerOptions } from './manager-options.js';
import { PluginSet } from './lives/plugin-set.js';
import { PluginStarter } from './lives/plugin-starter.js';
import { emptyGeneration } from './reload/plugin-generation.js';
import { PluginsInForce } from './reload/plugins-in-force.js';

/** What a manager is put together from, beside what it is configured with. */
export type PartOptions = Omit<ManagerOptions, 'config' | 'watch'> & {
  /** Whether `kinds` are known to come from strict code. Default true. */
  readonly isHostStrict?: boolean;
  /** Connections that other managers have as well. Default: the manager has its own. */
  readonly shared?: SharedServers;
};

/** Steps of starts in one turn of the event loop. Each takes it a good part of a millisecond, and a plugin has two or three. */
const startStepsInTurn = 8;

/** The parts of a manager, in which no plugin runs yet. */
export interface ManagerDependencies {
  readonly env: NodeJS.ProcessEnv;
  readonly environment: EnvironmentSettings;
  readonly logger: Logger;
  readonly hooks: HookRegistry;
  readonly invoker: HookInvoker;
  readonly connections: ConnectionSet;
  readonly set: PluginSet;
  readonly pace: Pace;
  readonly meters: ManagerMeters;
  readonly inForce: PluginsInForce;
  /** Where the actors live that change what runs. */
  readonly changes: Supervisor;
  readonly starterOf: (config: Config) => PluginStarter;
  readonly chainsOf: (plugins: readonly LoadedPlugin[], config: Config) => HookChains;
  /** All that has actors, and belongs to this manager alone. */
  readonly actors: readonly Watchable[];
  /** Where connections live, which may be those of other managers too. */
  readonly system: ConnectionSystem;
  readonly clock: Clock;
  /** Settles when all is released. */
  readonly closed: Deferred<void>;
  /** Waits for invocations, cancels those that still run then, shuts plugins down and closes connections. */
  readonly release: (drainMs?: number) => Promise<void>;
}

/**
 * @param config is in force, with no plugin of it running
 * @throws ConfigError CONFIG_INVALID for variables; GatechartError HOOK_DUPLICATE
 */
export function managerDependencies(config: Config, options: PartOptions): ManagerDependencies {
  const { env = process.env, clock = systemClock, random = Math.random, policies = {}, shared } = options;
  const { startTimeoutMs = 30_000, shutdownTimeoutMs = 10_000 } = options;
  const environment = readEnvironment(env);
  const logger = unfailingLogger(options.logger ?? createLogger(environment.logLevel));
  const hooks = new HookRegistry(options.hooks);
  for (const hook of Object.keys(policies).filter((name) => hooks.get(name) === undefined)) {
    logger.warn({ hook }, `the policy of ${hook} limits nothing: nobody registered a hook of that name`);
  }
  const deadlines = new Deadlines(clock);
  const system = shared?.system ?? new ConnectionSystem(clock, deadlines, logger);
  const changes = new Supervisor('changes', logger, clock);
  const pluginActors = new Supervisor('plugin actors', logger, clock);
  const actorsOf = (plugin: string): ActorsOfPlugin => new ActorsOfPlugin(plugin, pluginActors);
  const spans = options.observability === undefined ? undefined : new HookSpans(options.observability, logger);
  const invoker = new HookInvoker(deadlines, clock, logger, spans);
  const settings = withDefaults(defaultConnectionSettings, options.connection);
  const connections = new ConnectionSet({ settings, system, clock, random, logger: shared?.logger ?? logger });
  const hookOf = (name: string): HookDefinition | undefined => hooks.get(name);
  const gates = new ClosedGates();
  const pace = new Pace(startStepsInTurn);

  const forExternal = { connections, pace, shared, environment, actors: system.links };
  const starterOf = (config: Config): PluginStarter => {
    const {
      baseDir,
      pluginDirs,
      settings: { strict = false },
    } = config;
    return new PluginStarter({
      loader: new PluginLoader({
        kinds: options.kinds ?? {},
        readyMade: readyMadeKind,
        readyMadeNames,
        actorsOf,
        roots: { baseDir, pluginDirs },
        places: entryPlaces(config),
        isHostStrict: options.isHostStrict,
        logger,
        clock,
        random,
        ssrfProtection: environment.http.ssrfProtection,
      }),
      hooks,
      external: { ...forExternal, hookOf, env, baseDir, logger, clock, random },
      actorsOf,
      logger,
      strict,
      startTimeoutMs,
    });
  };
  const chainsOf = (plugins: readonly LoadedPlugin[], { settings: manager }: Config): HookChains =>
    new HookChains(hooks, new PluginRegistry(plugins, manager), {
      manager,
      policies,
      defaultPolicy: options.defaultHookPolicy ?? environment.defaultHookPolicy,
      logger,
      gates,
    });
  const inForce = new PluginsInForce(emptyGeneration(config, chainsOf));
  const set = new PluginSet(connections, {
    clock,
    logger,
    gates,
    startTimeoutMs,
    shutdownTimeoutMs,
    retryAfterMs: () => inForce.current.config.settings.disabledRetryAfterMs,
  });
  const figures = { plugins: () => inForce.statuses(), connections: () => connections.statuses() };
  const meters = new ManagerMeters(invoker, figures, logger);
  const closed = deferred();
  const own = [invoker, ...(shared === undefined ? [system] : []), set, pluginActors, changes];
  return {
    env,
    environment,
    logger,
    hooks,
    invoker,
    connections,
    set,
    pace,
    meters,
    inForce,
    changes,
    starterOf,
    chainsOf,
    actors: own,
    system,
    clock,
    closed,
    release: async (drainMs = 0) => {
      await invoker.close({ drainMs, backgroundMs: shutdownTimeoutMs });
      await set.close();
      pluginActors.stop();
      changes.stop();
      if (shared === undefined) system.stop();
      deadlines.close();
      meters.close();
      closed.resolve();
    },
  };
}
