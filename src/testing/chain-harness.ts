import type { PluginInput } from '../catalogue/config-input.js';
import { afterOn } from './after.js';
import type { ModeDialect, OnError, PluginModeName } from '../config/sections/plugin-modes.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookDefinition, HookTypes } from '../hooks/hook.js';
import type { PayloadPolicies } from '../hooks/payload-policy.js';
import { createManager } from '../manager/create-manager.js';
import type { PluginManager } from '../manager/plugin-manager.js';
import type { PluginKind } from '../plugins/plugin-loader.js';
import { ManualClock } from './manual-clock.js';
import { RecordingLogger } from './recording-logger.js';
import { RecordingObservability } from './recording-observability.js';

/** One plugin of a {@link ChainHarness}: its code, and what its entry in a configuration would say. */
export interface HarnessPlugin {
  readonly name: string;
  /** What `definePlugin` made, or a class that extends `Plugin`. */
  readonly plugin: PluginKind;
  readonly hooks: readonly string[];
  /** Default `enforce`. */
  readonly mode?: PluginModeName;
  /** What comes of its errors and missed deadlines. Default: what its mode says. */
  readonly onError?: OnError;
  /** Lower runs first. Default 100. */
  readonly priority?: number;
  /** As in a configuration file, in snake_case. */
  readonly conditions?: PluginInput['conditions'];
  readonly config?: object;
  /** Which extensions it may read and write. Default none. */
  readonly capabilities?: PluginInput['capabilities'];
}

/** What a chain harness is made of: what a configuration and a manager would be told. */
export interface ChainHarnessOptions<Own extends readonly HookDefinition[] = readonly HookDefinition[]> {
  readonly plugins: readonly HarnessPlugin[];
  /** Hooks of your own, made with `defineHook`. */
  readonly hooks?: Own;
  readonly policies?: PayloadPolicies;
  /** Default `allow`. */
  readonly defaultHookPolicy?: 'allow' | 'deny';
  /** Milliseconds one plugin may take for one hook. Default 30,000. */
  readonly pluginTimeoutMs?: number;
  /** Raise plugin errors in every mode. Default false. */
  readonly failOnPluginError?: boolean;
  /** Whose meaning `enforce`, `permissive` and `enforce_ignore_error` have. Default `contextforge`. */
  readonly modeDialect?: ModeDialect;
  /** Plugins of one hook that run at once, where their mode lets them run side by side; 0 for all. Default 10. */
  readonly executionPool?: number;
  /** Milliseconds that what runs after an answer, and each plugin's shutdown, may take on closing. Default 10,000. */
  readonly shutdownTimeoutMs?: number;
  /** Characters a payload may have. Default 1,000,000. */
  readonly maxPayloadSize?: number;
}

/** A real manager with plugins in this process, on a clock of the test's, and a record of what it logged and traced. */
export interface ChainHarness<Own extends readonly HookDefinition[]> extends AsyncDisposable {
  readonly manager: PluginManager<BuiltInHooks & HookTypes<Own>>;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  readonly observability: RecordingObservability;
  /** Lets `ms` milliseconds pass and then waits for the promise. */
  after<T>(ms: number, promise: Promise<T>): Promise<T>;
  /** Shuts the plugins down. What has not ended within a second is not waited for: time is let pass until its deadline. */
  close(): Promise<void>;
}

/**
 * Runs plugins in a real chain without files, sockets or waiting.
 *
 * @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN, CONFIG_INVALID, as a manager does when it starts
 */
export async function createChainHarness<const Own extends readonly HookDefinition[] = []>(
  options: ChainHarnessOptions<Own>,
): Promise<ChainHarness<Own>> {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const observability = new RecordingObservability();
  const { pluginTimeoutMs = 30_000, failOnPluginError = false, maxPayloadSize, hooks, policies } = options;
  const { modeDialect, executionPool, shutdownTimeoutMs } = options;
  const manager = await createManager<Own>({
    config: {
      plugins: options.plugins.map(({ plugin: _plugin, onError, ...entry }) => ({
        ...entry,
        kind: harnessKind(entry.name),
        ...(onError === undefined ? {} : { on_error: onError }),
      })),
      plugin_settings: {
        plugin_timeout: pluginTimeoutMs / 1000,
        fail_on_plugin_error: failOnPluginError,
        ...(maxPayloadSize === undefined ? {} : { max_payload_size: maxPayloadSize }),
        ...(modeDialect === undefined ? {} : { mode_dialect: modeDialect }),
        ...(executionPool === undefined ? {} : { execution_pool: executionPool }),
      },
    },
    kinds: Object.fromEntries(options.plugins.map(({ name, plugin }) => [harnessKind(name), plugin])),
    defaultHookPolicy: options.defaultHookPolicy ?? 'allow',
    ...(hooks === undefined ? {} : { hooks }),
    ...(shutdownTimeoutMs === undefined ? {} : { shutdownTimeoutMs }),
    ...(policies === undefined ? {} : { policies }),
    clock,
    logger,
    observability,
    // What the machine of whoever runs the test has in its environment is none of the test's business.
    env: {},
  });
  const close = async (): Promise<void> => {
    const closing = manager.close();
    let isClosed = await endsWithin(patienceMs, closing);
    while (!isClosed && clock.next !== undefined) {
      await clock.run(clock.next);
      isClosed = await endsWithin(0, closing);
    }
    await closing;
  };
  return {
    manager,
    clock,
    logger,
    observability,
    after: afterOn(clock),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Milliseconds of the system's clock that plugins have to end by themselves, whatever they do outside of the test's clock. */
const patienceMs = 1_000;

/** Whether a promise settles before some milliseconds of the system's clock have passed. */
function endsWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const settled = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}

/** What the configuration of a harness calls the kind of the plugin of this name. */
function harnessKind(name: string): string {
  return `harness:${name}`;
}
