import type { ConnectionSettings } from '../../machines/index.js';
import type { ActorRecorder } from '../actors/actor-recorder.js';
import type { Inspector } from '../actors/supervisor.js';
import type { ConfigInput } from '../catalogue/config-input.js';
import { checkOptionNames, invalid } from '../config/code-options.js';
import { describeValue } from '../json/described-value.js';
import { isPlainObject } from '../json/records.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PayloadPolicies } from '../hooks/payload-policy.js';
import type { HookMeter } from '../observability/hook-meter.js';
import type { Logger } from '../observability/logger.js';
import type { ObservabilityProvider } from '../observability/spans.js';
import type { PluginKind } from '../plugins/plugin-loader.js';
import type { Clock, Random } from '../time/clock.js';
import { checkOptionNumbers } from '../config/option-values.js';

/** What a manager is made of; everything may be left out. */
export interface ManagerOptions<
  Own extends readonly HookDefinition[] = readonly HookDefinition[],
  Kinds extends readonly string[] = readonly string[],
> {
  /**
   * Path or `file:` URL of a YAML file, or a plain object with the same keys. Default: `PLUGINS_CONFIG_FILE`, or
   * plugins/config.yaml.
   */
  readonly config?: string | URL | ConfigInput<Kinds>;
  /**
   * Whether the file of the configuration is followed, and put in force when it changes, as `PluginManager.reload` does.
   * What cannot be put in force is logged, and the old configuration stays. Default false. For files only.
   */
  readonly watch?: boolean;
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
  /** Measures hooks and plugins, `createPrometheus` of `gatechart/prometheus` for instance. */
  readonly metrics?: HookMeter;
  /** Default: pino on standard error, at `PLUGINS_LOG_LEVEL`. */
  readonly logger?: Logger;
  /** Watches every actor from the start; see `PluginManager.inspect`. */
  readonly inspector?: Inspector;
  /** Writes down what happens to every actor, from the start: see `createRecorder` of `gatechart/inspect`. */
  readonly recorder?: ActorRecorder;
  /** How connections behave beyond what configurations say; see `defaultConnectionSettings`. */
  readonly connection?: Partial<Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'>>;
  /** Milliseconds a plugin may take to start, connecting included. Default 30,000. */
  readonly startTimeoutMs?: number;
  /**
   * Milliseconds a plugin may take to shut down; one that takes longer is logged as a warning and left behind. After a
   * reload, calls that began before may take as long first. Default 10,000. Ending the process of an external plugin takes
   * up to about 3,000.
   */
  readonly shutdownTimeoutMs?: number;
  /** Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly random?: Random;
}

const names: Readonly<Record<keyof ManagerOptions, true>> = {
  config: true,
  kinds: true,
  hooks: true,
  policies: true,
  defaultHookPolicy: true,
  observability: true,
  metrics: true,
  logger: true,
  inspector: true,
  recorder: true,
  connection: true,
  startTimeoutMs: true,
  shutdownTimeoutMs: true,
  watch: true,
  env: true,
  clock: true,
  random: true,
};

/** The names of all options. */
export const managerOptionNames: readonly string[] = Object.keys(names);

/** @throws GatechartError CONFIG_INVALID */
export function checkOptions(options: object): void {
  checkOptionNames(options, managerOptionNames, 'createManager');
  checkOptionValues(options);
}

/** @throws GatechartError CONFIG_INVALID for durations and counts that nothing could keep, and parts that are none */
export function checkOptionValues(options: Partial<Record<keyof ManagerOptions, unknown>>): void {
  const { startTimeoutMs, shutdownTimeoutMs, defaultHookPolicy, policies, logger, hooks, watch } = options;
  for (const name of [
    'kinds',
    'policies',
    'connection',
    'env',
    'logger',
    'observability',
    'metrics',
    'clock',
    'recorder',
  ] as const) {
    const value = options[name];
    if (value !== undefined && (typeof value !== 'object' || value === null)) throw wrong(name, value, 'an object');
  }
  checkOptionNumbers({ startTimeoutMs, shutdownTimeoutMs }, 'options');
  checkOptionNumbers(Object(options.connection ?? {}) as object, 'options.connection');
  if (defaultHookPolicy !== undefined && defaultHookPolicy !== 'allow' && defaultHookPolicy !== 'deny')
    throw wrong('defaultHookPolicy', defaultHookPolicy, '"allow" or "deny"');
  for (const [hook, policy] of Object.entries(policies ?? {})) {
    const writable: unknown = isPlainObject(policy) ? policy['writable'] : undefined;
    if (!Array.isArray(writable)) throw wrong(`policies.${hook}.writable`, writable, 'a list of fields');
  }
  for (const method of logger === undefined ? [] : ['debug', 'info', 'warn', 'error']) {
    const value: unknown = Reflect.get(logger as object, method);
    if (typeof value !== 'function') throw wrong(`logger.${method}`, value, 'a function');
  }
  if (watch !== undefined && typeof watch !== 'boolean') throw wrong('watch', watch, 'true or false');
  if (hooks !== undefined && !Array.isArray(hooks)) throw wrong('hooks', hooks, 'a list of hooks made with defineHook');
}

function wrong(option: string, found: unknown, expected: string): Error {
  return invalid(`options.${option} is ${describeValue(found)}, expected ${expected}`);
}
