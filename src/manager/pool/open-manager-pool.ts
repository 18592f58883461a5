import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../../config/environment/environment.js';
import { type LoadedConfig, loadConfig } from '../../config/load-config.js';
import { withDefaults } from '../../config/option-values.js';
import { ConnectionSystem } from '../../connection/connection-system.js';
import { SharedServers } from '../../external/shared-servers.js';
import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import type { HookDefinition, HookTypes } from '../../hooks/hook.js';
import { createLogger, type Logger } from '../../observability/logger.js';
import { systemClock } from '../../time/clock.js';
import { Deadlines } from '../../time/deadlines.js';
import { startManager } from '../create-manager.js';
import { ManagerPool } from './manager-pool.js';
import { type ManagerPoolOptions, poolDefaults } from './manager-pool-options.js';
import { withOverrides } from './manager-pool-overrides.js';

/**
 * Makes a pool whose options have been looked at.
 *
 * @param isHostStrict false if the program is sloppy code, which may be given nothing that is frozen
 * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE for the base
 */
export function openManagerPool<const Own extends readonly HookDefinition[]>(
  options: ManagerPoolOptions<Own>,
  isHostStrict: boolean,
): ManagerPool<BuiltInHooks & HookTypes<Own>> {
  const { base, overridesFor, ttlMs, max, drainMs, inspector, ...managerOptions } = options;
  const { env = process.env, clock = systemClock, startTimeoutMs = 30_000 } = options;
  const environment = readEnvironment(env);
  const logger = options.logger ?? createLogger(environment.logLevel);
  const load = (source: string | URL | object): Base => {
    const loaded = loadConfig(source instanceof URL ? fileURLToPath(source) : source, { env });
    for (const warning of loaded.warnings) logger.warn({ ...warning }, warning.message);
    return { source, loaded };
  };
  let current = load(base ?? environment.configFile);

  const deadlines = new Deadlines(clock);
  const system = new ConnectionSystem(clock, deadlines, logger);
  if (options.recorder !== undefined) system.observe(options.recorder.observer);
  const shared = new SharedServers(system, logger);
  return new ManagerPool<BuiltInHooks & HookTypes<Own>>({
    ...withDefaults(poolDefaults, { ttlMs, max, drainMs }),
    shared,
    clock,
    logger,
    inspector,
    recorder: options.recorder,
    startTimeoutMs,
    loadBase: (source = current.source) => {
      current = load(source);
    },
    configOf: async (key, signal) => {
      const overrides = await overridesFor(key, signal);
      return withOverrides(current.loaded, overrides, key);
    },
    build: (key, config, watcher) =>
      startManager(config, {
        ...managerOptions,
        logger: loggerOf(key, logger),
        isHostStrict,
        shared,
        ...(watcher && { inspector: watcher }),
      }),
    release: () => {
      system.stop();
      deadlines.close();
    },
  });
}

/** What all managers have in common, and where it is read. */
interface Base {
  readonly source: string | URL | object;
  readonly loaded: LoadedConfig;
}

/** Says of what a manager logs which one it is. */
function loggerOf(key: string, logger: Logger): Logger {
  return {
    debug: (fields, message) => logger.debug({ manager: key, ...fields }, message),
    info: (fields, message) => logger.info({ manager: key, ...fields }, message),
    warn: (fields, message) => logger.warn({ manager: key, ...fields }, message),
    error: (fields, message) => logger.error({ manager: key, ...fields }, message),
  };
}
