import type { Inspector } from '../actors/supervisor.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { ConnectionStatus } from '../connection/connection-api.js';
import type { ConnectionSet } from '../connection/connection-set.js';
import type { GlobalContext } from '../context/global-context.js';
import type { NamedCallContext } from '../context/named-call-context.js';
import { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { Exactly, HookMap } from '../hooks/hook.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import { ChainOutcome } from '../invocation/chain-outcome.js';
import type { HookChains } from '../invocation/hook-chains.js';
import type { HookInvoker } from '../invocation/hook-invoker.js';
import { checkedRequest } from './checked-request.js';
import { checkNamedContext, shareNotes } from './context-check.js';
import {
  invokeOptions,
  type InvokeOptions,
  type InvokePluginOptions,
  noOptions,
  pluginOptions,
} from './invoke-options.js';

/** Runs hooks. Made by `createManager`; several can live side by side. */
export class PluginManager<Hooks extends HookMap = BuiltInHooks> implements AsyncDisposable {
  readonly #hooks: HookRegistry;
  readonly #chains: HookChains;
  readonly #invoker: HookInvoker;
  readonly #dependencies: ManagerDependencies;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(dependencies: ManagerDependencies) {
    this.#hooks = dependencies.hooks;
    this.#chains = dependencies.chains;
    this.#invoker = dependencies.invoker;
    this.#dependencies = dependencies;
  }

  /**
   * Runs the plugins of a hook over a payload, in order of priority.
   *
   * @param payload is copied; plugins cannot change the caller's object
   * @param context is the caller's; its `state` and `metadata` take what plugins leave there
   * @throws GatechartError HOOK_UNKNOWN, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE, CONTEXT_INVALID, MANAGER_CLOSED,
   * INVOCATION_CANCELLED
   * @throws PluginError PLUGIN_FAILED, PLUGIN_TIMEOUT, PLUGIN_RESULT_INVALID, in modes that raise errors; for plugins
   * behind a connection also its codes, like CALL_OUTCOME_UNKNOWN and CONNECTION_FAILED (`cause`: the connection's error)
   * @throws PluginViolationError PLUGIN_VIOLATION, where asked for, and where a plugin throws it
   */
  invokeHook<
    Name extends keyof Hooks & string,
    Payload extends Hooks[Name]['payload'] = Hooks[Name]['payload'],
    Context extends GlobalContext = GlobalContext,
  >(
    hook: Name,
    payload: Exactly<Hooks[Name]['payload'], Payload>,
    context: Exactly<GlobalContext, Context>,
    options: InvokeOptions = noOptions,
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    // Not `async`, which would be one more promise for each of a request's hooks.
    try {
      if (this.#closing !== undefined) throw closed();
      const chain = this.#chains.of(hook);
      if (chain === undefined) {
        this.#hooks.require(hook);
        return Promise.resolve(ChainOutcome.untouched(undefined));
      }
      const checked = invokeOptions(options, hook);
      const request = checkedRequest(chain, payload, context, checked.contexts ?? new PluginContexts(), checked);
      if (request.steps.length === 0 && request.background.length === 0) {
        return Promise.resolve(this.#invoker.skipAll(request));
      }
      return this.#invoker.invoke(request);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Runs one hook of one plugin, outside chain and conditions. A block is answered as the plugin gave it.
   *
   * @param context takes what the plugin leaves in its local and in the global state
   * @throws PluginError PLUGIN_NOT_FOUND, and what {@link invokeHook} throws
   */
  async invokeHookForPlugin<
    Name extends keyof Hooks & string,
    Payload extends Hooks[Name]['payload'] = Hooks[Name]['payload'],
  >(
    plugin: string,
    hook: Name,
    payload: Exactly<Hooks[Name]['payload'], Payload>,
    context: NamedCallContext,
    options: InvokePluginOptions = noOptions,
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    if (this.#closing !== undefined) throw closed();
    const { chain, id, raising } = this.#chains.ofPlugin(plugin, hook);
    checkNamedContext(context, hook);
    const { globalContext } = context;
    const contexts = new PluginContexts();
    const local = contexts.obtain(globalContext.requestId, id);
    const checked = pluginOptions(options, hook);
    const called = checked.raiseErrors === true ? raising() : chain;
    const request = checkedRequest(called, payload, globalContext, contexts, checked);
    shareNotes(context, local, hook);
    return this.#invoker.invoke(request);
  }

  /** True if some plugin is on the hook. @throws GatechartError HOOK_UNKNOWN */
  hasHooksFor(hook: keyof Hooks & string): boolean {
    this.#hooks.require(hook);
    return this.#chains.of(hook) !== undefined;
  }

  /** Names of the plugins that were loaded, in the order of the configuration. */
  get pluginNames(): string[] {
    return this.#chains.plugins.map((plugin) => plugin.name);
  }

  /** The configuration's entries, external ones as merged with their servers', those of disabled plugins included. */
  get configs(): readonly PluginConfig[] {
    return this.#dependencies.configs;
  }

  /** Where the connections to external plugins are, and why. */
  get connections(): ConnectionStatus[] {
    return this.#dependencies.connections.statuses();
  }

  /** Watches every actor of this manager (plugins, connections, calls, invocations) through XState's inspection API. */
  inspect(inspector: Inspector): { unsubscribe(): void } {
    const subscriptions = this.#dependencies.inspectAll(inspector);
    return { unsubscribe: () => subscriptions.forEach((subscription) => subscription.unsubscribe()) };
  }

  /**
   * Cancels what runs, shuts the plugins down and closes their connections. Settles when nothing is left: no timer, no
   * socket, no child process. Only what a plugin holds that does not shut down in time may stay; see `shutdownTimeoutMs`.
   * May be called more than once.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#dependencies.release();
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** @internal */
export interface ManagerDependencies {
  readonly hooks: HookRegistry;
  readonly chains: HookChains;
  readonly invoker: HookInvoker;
  readonly connections: Pick<ConnectionSet, 'statuses'>;
  readonly configs: readonly PluginConfig[];
  readonly inspectAll: (inspector: Inspector) => readonly { unsubscribe(): void }[];
  /** Cancels invocations, shuts plugins down and closes connections. */
  readonly release: () => Promise<void>;
}

function closed(): GatechartError {
  return new GatechartError('MANAGER_CLOSED', 'The manager is closed; hooks can no longer be invoked.');
}
