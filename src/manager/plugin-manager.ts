import type { ConfigInput } from '../catalogue/config-input.js';
import type { ActorObserver } from '../actors/actor-observer.js';
import type { Inspector } from '../actors/supervisor.js';
import { inspectAll, observeAll, type Watching } from '../actors/watchable.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { PluginModeName } from '../config/sections/plugin-modes.js';
import type { ConnectionStatus } from '../connection/connection-api.js';
import type { GlobalContext } from '../context/global-context.js';
import type { NamedCallContext } from '../context/named-call-context.js';
import { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { Exactly, HookMap } from '../hooks/hook.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import type { HookMeter } from '../observability/hook-meter.js';
import { untouchedOutcome } from '../invocation/chain-outcome.js';
import type { HookInvoker } from '../invocation/hook-invoker.js';
import { checkedRequest } from './checked-request.js';
import { checkNamedContext, shareNotes } from './context-check.js';
import { type CloseOptions, drainMsOf } from './close-options.js';
import {
  invokeOptions,
  type InvokeOptions,
  type InvokePluginOptions,
  noOptions,
  pluginOptions,
} from './invoke-options.js';
import type { ManagerDependencies } from './manager-dependencies.js';
import type { PluginStatus } from './lives/plugin-status.js';
import type { PluginsInForce } from './reload/plugins-in-force.js';
import type { ReloadReport } from './reload/reload-report.js';
import type { RunningConfiguration } from './reload/running-configuration.js';

/** Runs hooks. Made by `createManager`; several can live side by side. */
export class PluginManager<Hooks extends HookMap = BuiltInHooks> implements AsyncDisposable {
  readonly #dependencies: ManagerDependencies;
  readonly #running: RunningConfiguration;
  readonly #hooks: HookRegistry;
  readonly #invoker: HookInvoker;
  readonly #inForce: PluginsInForce;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(dependencies: ManagerDependencies, running: RunningConfiguration) {
    this.#dependencies = dependencies;
    this.#running = running;
    this.#hooks = dependencies.hooks;
    this.#invoker = dependencies.invoker;
    this.#inForce = dependencies.inForce;
  }

  /**
   * Runs the plugins of a hook over a payload, in order of priority.
   *
   * @param payload is copied; plugins cannot change the caller's object
   * @param context is the caller's; its `state` and `metadata` take what plugins leave there
   * @throws GatechartError HOOK_UNKNOWN, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE, CONTEXT_INVALID, MANAGER_CLOSED,
   * INVOCATION_CANCELLED, PLUGIN_RETIRED
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
      const chain = this.#inForce.current.chains.of(hook);
      if (chain === undefined) {
        this.#hooks.require(hook);
        return Promise.resolve(untouchedOutcome(undefined));
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
  invokeHookForPlugin<
    Name extends keyof Hooks & string,
    Payload extends Hooks[Name]['payload'] = Hooks[Name]['payload'],
  >(
    plugin: string,
    hook: Name,
    payload: Exactly<Hooks[Name]['payload'], Payload>,
    context: NamedCallContext,
    options: InvokePluginOptions = noOptions,
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    // Not `async`, for the same reason as above.
    try {
      this.#requireOpen();
      const { chain, id, raising } = this.#inForce.current.chains.ofPlugin(plugin, hook);
      checkNamedContext(context, hook);
      const { globalContext } = context;
      const contexts = new PluginContexts();
      const local = contexts.obtain(globalContext.requestId, id);
      const checked = pluginOptions(options, hook);
      const called = checked.raiseErrors === true ? raising() : chain;
      const request = checkedRequest(called, payload, globalContext, contexts, checked);
      shareNotes(context, local, hook);
      return this.#invoker.invokeBelow(checked.traceParent, request);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** True if some plugin is on the hook. @throws GatechartError HOOK_UNKNOWN */
  hasHooksFor(hook: keyof Hooks & string): boolean {
    this.#hooks.require(hook);
    return this.#inForce.current.chains.of(hook) !== undefined;
  }

  /** Names of the plugins that run, in the order of the configuration. */
  get pluginNames(): string[] {
    return [...this.#inForce.current.members.keys()];
  }

  /** The configuration's entries, external ones as merged with their servers', those of disabled plugins included. */
  get configs(): readonly PluginConfig[] {
    return this.#inForce.current.configs;
  }

  /** Where the plugins are, and why: those of the configuration in its order, then those that are on their way out. */
  get plugins(): PluginStatus[] {
    return this.#inForce.statuses();
  }

  /**
   * Where the connections to external plugins are, and why. Each has the name of its plugin, with a number behind it if an
   * earlier one of that name was open when it was made: one plugin was about to take the place of the other.
   */
  get connections(): ConnectionStatus[] {
    return this.#dependencies.connections.statuses();
  }

  /** Watches every actor of this manager (plugins, connections, calls, invocations) through XState's inspection API. */
  inspect(inspector: Inspector): { unsubscribe(): void } {
    return inspectAll(this.#dependencies.actors, inspector, 'manager');
  }

  /** @internal Measures this manager from now on; each meter does so once. */
  measure(meter: HookMeter): Watching {
    return this.#dependencies.meters.add(meter);
  }

  /** @internal */
  observe(observer: ActorObserver): Watching {
    return observeAll(this.#dependencies.actors, observer);
  }

  /** @internal What there is to know of it for who looks into it. */
  get interior(): ManagerDependencies {
    return this.#dependencies;
  }

  /**
   * Puts another configuration in force while hooks run. Plugins whose entries ask nothing else of their start keep their
   * instance, its state and connection. Invocations that run finish on the chains on which they began. Several reloads are
   * carried out one after the other. Settles when the plugins that are in force no more are gone, or hang.
   *
   * @param config as `createManager` takes it. Default: the file of the configuration in force, read again
   * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE
   * @throws GatechartError HOOK_UNKNOWN, PLUGIN_LOAD_FAILED, MANAGER_CLOSED. Whatever is thrown, the old configuration
   * stays in force, and nothing of the new one is left
   */
  reload(config?: string | URL | ConfigInput): Promise<ReloadReport> {
    return this.#running.reload(config);
  }

  /**
   * Gives a plugin another mode. From and to `disabled` starts it and shuts it down; otherwise it goes on. Others that do
   * not run are not tried again. Holds through reloads for as long as the plugin's entry says of the mode what it says now.
   *
   * @throws PluginError PLUGIN_NOT_FOUND where the configuration has no such plugin; else what {@link reload} throws
   */
  setMode(plugin: string, mode: PluginModeName): Promise<ReloadReport> {
    return this.#running.setMode(plugin, mode);
  }

  /**
   * Leaves a plugin out of all chains from now on, until {@link enablePlugin}; also through reloads, until its entry is
   * gone or says `mode: disabled`. It keeps running, and calls by name reach it.
   *
   * @throws PluginError PLUGIN_NOT_FOUND where no such plugin runs; GatechartError MANAGER_CLOSED
   */
  disablePlugin(plugin: string): void {
    this.#requireOpen();
    this.#running.disable(plugin);
  }

  /** Takes a plugin into its chains that was disabled, by {@link disablePlugin} or by an error; else as that. */
  enablePlugin(plugin: string): void {
    this.#requireOpen();
    this.#running.enable(plugin);
  }

  /**
   * Cancels what runs, shuts the plugins down and closes their connections. Settles when nothing is left: no timer, no
   * socket, no child process. Only what a plugin holds that does not shut down in time may stay; see `shutdownTimeoutMs`.
   * May be called more than once; the first call decides how.
   *
   * @throws GatechartError CONFIG_INVALID for options that are none; nothing is closed then
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      this.#closing ??= this.#close(drainMsOf(options));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    this.#running.close();
    await this.#dependencies.release(drainMs);
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): GatechartError {
  return new GatechartError('MANAGER_CLOSED', 'The manager is closed; hooks can no longer be invoked.');
}
