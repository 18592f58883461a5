import type { z } from 'zod';
import { checkOptionNames, invalid } from '../config/code-options.js';
import { describeValue } from '../json/described-value.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookDefinition, HookMap, HookTypes } from '../hooks/hook.js';
import { isSchema } from '../config/schema-check.js';
import type { HookHandler, HookHandlers, PluginDefinition, PluginSetup } from './plugin.js';
import type { PluginContext } from './plugin-context.js';
import { callerOf, wrapperOf } from './strictness.js';

/** The context of a plugin made with {@link definePlugin}: it carries the plugin's own set-up along. */
export type DefinedPluginContext<Config> = PluginContext & { readonly plugin: PluginSetup<Config> };

/** What {@link definePlugin} is told. */
export interface PluginOptions<Config, Hooks extends HookMap, ConfigInput = unknown> {
  /** Schema of the `config` section; its output is what handlers get. */
  readonly config?: z.ZodType<Config, ConfigInput>;
  /** Hooks of the host's own, made with `defineHook`, so that their handlers are typed as well. */
  readonly for?: readonly HookDefinition[];
  readonly hooks: HookHandlers<Hooks, DefinedPluginContext<Config>>;
  /**
   * Whether it may answer a changed payload, under its settings. The start warns of a mode in which that would be lost.
   * Default: it only looks and blocks.
   */
  changesPayloads?(plugin: PluginSetup<Config>): boolean;
  /** Runs once, before the first hook. A plugin whose `initialize` throws is not loaded. */
  initialize?(plugin: PluginSetup<Config>): Promise<void> | void;
  /** Runs once, after the last hook. */
  shutdown?(plugin: PluginSetup<Config>): Promise<void> | void;
}

const optionNames = ['config', 'for', 'hooks', 'changesPayloads', 'initialize', 'shutdown'];

/**
 * A plugin without state of its own: handlers by hook name.
 *
 * ```ts
 * export const DenyList = definePlugin({
 *   config: z.object({ words: z.array(z.string()) }),
 *   hooks: {
 *     tool_pre_invoke(payload, { plugin }) {
 *       const word = plugin.config.words.find((word) => JSON.stringify(payload.args).includes(word));
 *       if (word === undefined) return;
 *       return { continueProcessing: false, violation: { reason: 'Denied word', description: word, code: 'DENIED' } };
 *     },
 *   },
 * });
 * ```
 *
 * Handlers of a host's own hooks are typed where their definitions are given: `definePlugin({ for: myHooks, hooks: … })`.
 *
 * @throws GatechartError CONFIG_INVALID
 */
export function definePlugin<
  Config = Readonly<Record<string, unknown>>,
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- callers give it, in place of `for`
  Hooks extends HookMap = BuiltInHooks,
  ConfigInput = unknown,
  const Own extends readonly HookDefinition[] = [],
>(
  // What handlers return must not decide which hooks there are.
  options: PluginOptions<Config, NoInfer<Hooks & HookTypes<Own>>, ConfigInput> & { readonly for?: Own },
): PluginDefinition<ConfigInput> {
  checkOptions(options);
  return {
    isStrict: callerOf(definePlugin) !== 'sloppy',
    configSchema: options.config,
    create(untyped) {
      // `configSchema` has parsed the section by now, so it is what the schema gives.
      const plugin = untyped as PluginSetup<Config>;
      return {
        handler(hook) {
          const handler = options.hooks[hook];
          if (handler === undefined) return undefined;
          // The chain's context carries the set-up of the plugin it is made for.
          const bound: HookHandler = (payload, context) =>
            Reflect.apply(handler, options.hooks, [payload, context as DefinedPluginContext<Config>]);
          return wrapperOf(handler, bound);
        },
        changesPayloads: () => options.changesPayloads?.(plugin) ?? false,
        initialize: () => options.initialize?.(plugin),
        shutdown: () => options.shutdown?.(plugin),
      };
    },
  };
}

function checkOptions(options: Partial<Record<keyof PluginOptions<unknown, HookMap>, unknown>>): void {
  checkOptionNames(options, optionNames, 'definePlugin');
  const { config, for: own, hooks, changesPayloads, initialize, shutdown } = options;
  if (config !== undefined && !isSchema(config))
    throw invalid(`config of definePlugin is ${describeValue(config)}, expected a zod schema`);
  if (own !== undefined && !Array.isArray(own))
    throw invalid(`for of definePlugin is ${describeValue(own)}, expected a list of hooks made with defineHook`);
  if (typeof hooks !== 'object' || hooks === null)
    throw invalid(`hooks of definePlugin is ${describeValue(hooks)}, expected an object of functions by hook name`);
  for (const [name, value] of Object.entries({ changesPayloads, initialize, shutdown, ...hooks })) {
    if (value === undefined || typeof value === 'function') continue;
    throw invalid(`${name} of definePlugin is ${describeValue(value)}, expected a function`);
  }
}
