import type { z } from 'zod';
import type { HookHandler, PluginDefinition, PluginInstance, PluginSetup } from './plugin.js';
import { wrapperOf } from './strictness.js';

/**
 * The class form, for plugins that keep state. Each hook is a method of the hook's name, as it is (`tool_pre_invoke`) or
 * in camel case (`toolPreInvoke`, `cmfLlmInput`), or of the name that the static `hooks` gives it.
 *
 * ```ts
 * export class Counter extends Plugin<{ limit: number }> {
 *   static override config = z.object({ limit: z.number() });
 *   #calls = 0;
 *   toolPreInvoke(payload: ToolPreInvokePayload, context: PluginContext) {
 *     if (++this.#calls > this.setup.config.limit) return { continueProcessing: false };
 *     return {};
 *   }
 * }
 * ```
 */
export abstract class Plugin<Config = Readonly<Record<string, unknown>>> {
  /** Schema of the `config` section. */
  static config: z.ZodType | undefined = undefined;
  /** Hook name → method name, where they differ. */
  static hooks: Readonly<Record<string, string>> = {};

  readonly setup: PluginSetup<Config>;

  constructor(setup: PluginSetup<Config>) {
    this.setup = setup;
  }

  /**
   * Whether it may answer a changed payload, under its settings. The start warns of a mode in which that would be lost.
   */
  changesPayloads(): boolean {
    return false;
  }

  /** Runs once, before the first hook. A plugin whose `initialize` throws is not loaded. */
  initialize(): Promise<void> | void {}

  /** Runs once, after the last hook. */
  shutdown(): Promise<void> | void {}
}

/** A class that extends {@link Plugin}. */
export interface PluginClass<ConfigInput = unknown> {
  new (setup: PluginSetup<never>): Plugin<unknown>;
  readonly config: z.ZodType<unknown, ConfigInput> | undefined;
  readonly hooks: Readonly<Record<string, string>>;
}

/** True for classes that extend {@link Plugin}, also that of a second copy of the package. */
export function isPluginClass(value: unknown): value is PluginClass {
  return (
    typeof value === 'function' &&
    'hooks' in value &&
    'config' in value &&
    'initialize' in (value.prototype ?? {}) &&
    'shutdown' in value.prototype
  );
}

/** What the loader makes of a class. */
export function definitionOfClass<ConfigInput>(pluginClass: PluginClass<ConfigInput>): PluginDefinition<ConfigInput> {
  return {
    configSchema: pluginClass.config,
    create(setup): PluginInstance {
      const plugin = new pluginClass(setup as PluginSetup<never>);
      return {
        handler(hook) {
          for (const name of [pluginClass.hooks[hook], hook, camelCase(hook)]) {
            const method: unknown = name === undefined ? undefined : Reflect.get(plugin, name);
            if (typeof method !== 'function') continue;
            return wrapperOf(method, method.bind(plugin) as HookHandler);
          }
          return undefined;
        },
        changesPayloads: () => plugin.changesPayloads(),
        initialize: () => plugin.initialize(),
        shutdown: () => plugin.shutdown(),
      };
    },
  };
}

function camelCase(hook: string): string {
  return hook.replace(/[._]([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
