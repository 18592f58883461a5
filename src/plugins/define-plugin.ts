import type { z } from 'zod';
import { checkOptionNames, invalid } from '../config/code-options.js';
import { describeValue } from '../json/described-value.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookMap } from '../hooks/hook.js';
import { isSchema } from '../config/schema-check.js';
import type { HookHandler, HookHandlers, PluginDefinition, PluginSetup } from './plugin.js';
import type { PluginContext } from './plugin-context.js';
import { callerOf, wrapperOf } from './strictness.js';

/** The context of a plugin made with {@link definePlugin}: it carries the plugin's own set-up along. */
export type DefinedPluginContext<Config> = PluginContext & { readonly plugin: PluginSetup<Config> };

/** What {@link definePlugin} is told. */
export interface PluginOptions<Config, Hooks extends HookMap> {
  /** Schema of the `config` section; its output is what handlers get. */
  readonly config?: z.ZodType<Config>;
  readonly hooks: HookHandlers<Hooks, DefinedPluginContext<Config>>;
  /** Runs once, before the first hook. A plugin whose `initialize` throws is not loaded. */
  initialize?(plugin: PluginSetup<Config>): Promise<void> | void;
  /** Runs once, after the last hook. */
  shutdown?(plugin: PluginSetup<Config>): Promise<void> | void;
}

const optionNames = ['config', 'hooks', 'initialize', 'shutdown'];

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
 * Handlers of a host's own hooks are typed by passing their types: `definePlugin<Config, HookTypes<typeof myHooks>>`.
 *
 * @throws GatechartError CONFIG_INVALID
 */
export function definePlugin<Config = Readonly<Record<string, unknown>>, Hooks extends HookMap = BuiltInHooks>(
  // What handlers return must not decide which hooks there are.
  options: PluginOptions<Config, NoInfer<Hooks>>,
): PluginDefinition {
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
            handler.call(options.hooks, payload, context as DefinedPluginContext<Config>);
          return wrapperOf(handler, bound);
        },
        initialize: () => options.initialize?.(plugin),
        shutdown: () => options.shutdown?.(plugin),
      };
    },
  };
}

function checkOptions(options: Partial<Record<keyof PluginOptions<unknown, HookMap>, unknown>>): void {
  checkOptionNames(options, optionNames, 'definePlugin');
  const { config, hooks, initialize, shutdown } = options;
  if (config !== undefined && !isSchema(config))
    throw invalid(`config of definePlugin is ${describeValue(config)}, expected a zod schema`);
  if (typeof hooks !== 'object' || hooks === null)
    throw invalid(`hooks of definePlugin is ${describeValue(hooks)}, expected an object of functions by hook name`);
  for (const [name, value] of Object.entries({ initialize, shutdown, ...hooks })) {
    if (value === undefined || typeof value === 'function') continue;
    throw invalid(`${name} of definePlugin is ${describeValue(value)}, expected a function`);
  }
}
