import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import type { ConnectionStatus } from '../../connection/connection-api.js';
import type { GlobalContext } from '../../context/global-context.js';
import type { NamedCallContext } from '../../context/named-call-context.js';
import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import type { Exactly, HookMap } from '../../hooks/hook.js';
import type { HookOutcome } from '../../hooks/hook-outcome.js';
import type { WaitGroup } from '../../time/wait-group.js';
import type { InvokeOptions, InvokePluginOptions } from '../invoke-options.js';
import type { PluginManager } from '../plugin-manager.js';

/** What a pool needs of the managers that it builds. */
export type PoolableManager<Hooks extends HookMap> = Pick<
  PluginManager<Hooks>,
  'invokeHook' | 'invokeHookForPlugin' | 'hasHooksFor' | 'pluginNames' | 'configs' | 'connections' | 'inspect' | 'close'
>;

/**
 * A manager of a pool: what a `PluginManager` is to those who run hooks. The pool alone closes and changes it. Whatever runs
 * on it counts as its use.
 */
export class PooledManager<Hooks extends HookMap = BuiltInHooks> {
  readonly #manager: PoolableManager<Hooks>;
  readonly #uses: WaitGroup;

  /** @internal */
  constructor(manager: PoolableManager<Hooks>, uses: WaitGroup) {
    this.#manager = manager;
    this.#uses = uses;
  }

  /** As `PluginManager.invokeHook`. */
  invokeHook<
    Name extends keyof Hooks & string,
    Payload extends Hooks[Name]['payload'] = Hooks[Name]['payload'],
    Context extends GlobalContext = GlobalContext,
  >(
    hook: Name,
    payload: Exactly<Hooks[Name]['payload'], Payload>,
    context: Exactly<GlobalContext, Context>,
    options?: InvokeOptions,
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    return this.#using(() => this.#manager.invokeHook<Name, Payload, Context>(hook, payload, context, options));
  }

  /** As `PluginManager.invokeHookForPlugin`. */
  invokeHookForPlugin<
    Name extends keyof Hooks & string,
    Payload extends Hooks[Name]['payload'] = Hooks[Name]['payload'],
  >(
    plugin: string,
    hook: Name,
    payload: Exactly<Hooks[Name]['payload'], Payload>,
    context: NamedCallContext,
    options?: InvokePluginOptions,
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    return this.#using(() => this.#manager.invokeHookForPlugin<Name, Payload>(plugin, hook, payload, context, options));
  }

  /** True if some plugin is on the hook. @throws GatechartError HOOK_UNKNOWN */
  hasHooksFor(hook: keyof Hooks & string): boolean {
    return this.#manager.hasHooksFor(hook);
  }

  /** Names of the plugins that were loaded, in the order of the configuration. */
  get pluginNames(): string[] {
    return this.#manager.pluginNames;
  }

  /** The configuration's entries with their overrides, external ones as merged with their servers'. */
  get configs(): readonly PluginConfig[] {
    return this.#manager.configs;
  }

  /** Where the connections to external plugins are, which other managers of the pool have as well. */
  get connections(): ConnectionStatus[] {
    return this.#manager.connections;
  }

  async #using<Value>(run: () => Promise<Value>): Promise<Value> {
    this.#uses.add();
    try {
      return await run();
    } finally {
      this.#uses.done();
    }
  }
}
