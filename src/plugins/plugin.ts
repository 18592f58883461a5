import type { z } from 'zod';
import type { Condition } from '../config/sections/conditions.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookMap } from '../hooks/hook.js';
import type { Logger } from '../observability/logger.js';
import type { Clock, Random } from '../time/clock.js';
import type { PluginActors } from './plugin-actors.js';
import type { PluginContext } from './plugin-context.js';
import type { PluginGate } from './plugin-gate.js';
import type { CodeKind } from './strictness.js';

/** What a hook handler may return: nothing at all means that nothing changes. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- handlers that only look return nothing
export type HandlerResult<Result> = PluginResult<Result> | undefined | void;

/** One hook of one plugin. It may answer at once or with a promise. */
export type HookHandler<Payload = unknown, Result = unknown, Context extends PluginContext = PluginContext> = (
  payload: Payload,
  context: Context,
) => HandlerResult<Result> | Promise<HandlerResult<Result>>;

/** Handlers by hook name. */
export type HookHandlers<Hooks extends HookMap = BuiltInHooks, Context extends PluginContext = PluginContext> = {
  readonly [Name in keyof Hooks]?: HookHandler<Hooks[Name]['payload'], Hooks[Name]['result'], Context>;
};

/** What a plugin knows about itself. */
export interface PluginSetup<Config = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** The `config` section of the plugin's entry, as its schema parsed it. */
  readonly config: Config;
  /** The plugin's whole entry as it was when the plugin started; what a reload changes without a restart is not in it. */
  readonly entry: PluginConfig;
  readonly logger: Logger;
  /** What a plugin that waits or measures goes by, so that tests can let time pass. */
  readonly clock: Clock;
  /** A number in [0, 1), for what a plugin leaves to chance. */
  readonly random: Random;
  /** Where relative paths in its settings start: the folder of the configuration file, absolute. */
  readonly baseDir: string;
  /** Whether its requests must not go to addresses of private networks: `PLUGINS_SSRF_PROTECTION_ENABLED`. */
  readonly ssrfProtection: boolean;
  /** For what a plugin keeps in machines: whoever inspects the manager sees them, and they end with the plugin. */
  readonly actors: PluginActors;
}

/**
 * A plugin's code, before it has a name and a configuration; made by `definePlugin` or by a class.
 *
 * @typeParam ConfigInput what its `config` section may say
 */
export interface PluginDefinition<ConfigInput = unknown> {
  /**
   * False if the plugin may have sloppy code, in which writing to what is frozen is lost without a word.
   *
   * @internal
   */
  readonly isStrict?: boolean;
  /** Checks the `config` section. Without a schema the section is taken as it is. */
  readonly configSchema?: z.ZodType<unknown, ConfigInput> | undefined;
  create(setup: PluginSetup): PluginInstance;
}

/** A plugin at work, as far as the chain can see it. */
export interface PluginInstance {
  handler(hook: string): HookHandler | undefined;
  /** Whether it may answer a changed payload, under its settings. Default: it only looks and blocks. */
  changesPayloads?(): boolean;
  initialize?(): Promise<void> | void;
  shutdown?(): Promise<void> | void;
}

/** A plugin that was loaded under a name, with what the chain has to know of it. */
export interface LoadedPlugin {
  /** Unique to this instance; part of the key of its local contexts. */
  readonly id: string;
  readonly name: string;
  readonly config: PluginConfig;
  readonly conditions: readonly Condition[];
  /** Whether it takes part in chains. */
  readonly gate: PluginGate;
  readonly setup: PluginSetup;
  readonly instance: PluginInstance;
  /** Whether its code throws where it writes to what is frozen, as strict code does. */
  readonly code: CodeKind;
}
