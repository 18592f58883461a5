import type { Inspector } from '../actors/supervisor.js';
import type { PluginConfig } from '../config/plugin-config.js';
import type { Connection, ConnectionStatus } from '../connection/connection-api.js';
import type { GlobalContext } from '../context/global-context.js';
import { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { HookMap } from '../hooks/hook.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import type { HookChain } from '../invocation/hook-chain.js';
import type { HookChains } from '../invocation/hook-chains.js';
import type { HookInvoker } from '../invocation/hook-invoker.js';
import { checkedCopy } from '../invocation/payload-size.js';
import { conditionsMatch } from '../plugins/plugin-conditions.js';
import type { CancelSignal } from '../time/cancellation.js';

/** What one invocation of a hook may be told. */
export interface InvokeOptions {
  /** The contexts that the previous hook of the same request gave back. */
  readonly contexts?: PluginContexts | undefined;
  /** Throw a PluginViolationError when a plugin in enforce mode blocks. Default false: the outcome says so. */
  readonly violationsAsExceptions?: boolean | undefined;
  /** Cancels the invocation; the running plugin's own signal aborts. */
  readonly signal?: CancelSignal | undefined;
}

/** What one call of a plugin by name may be told. */
export interface InvokePluginOptions {
  /** Cancels the call. An AbortSignal is one. */
  readonly signal?: CancelSignal | undefined;
}

/** The context of a plugin that is called by name. The caller owns it; the plugin's changes are written into it. */
export interface NamedCallContext {
  readonly globalContext: GlobalContext;
  state?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

/** Runs hooks. Made by `createManager`; several can live side by side. */
export class PluginManager<Hooks extends HookMap = BuiltInHooks> implements AsyncDisposable {
  readonly #hooks: HookRegistry;
  readonly #chains: HookChains;
  readonly #invoker: HookInvoker;
  readonly #parts: ManagerParts;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(parts: ManagerParts) {
    this.#hooks = parts.hooks;
    this.#chains = parts.chains;
    this.#invoker = parts.invoker;
    this.#parts = parts;
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
  invokeHook<Name extends keyof Hooks & string>(
    hook: Name,
    payload: Hooks[Name]['payload'],
    context: GlobalContext,
    options: InvokeOptions = {},
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    // Not `async`, which would be one more promise for each of a request's hooks.
    try {
      if (this.#closing !== undefined) throw closed();
      const chain = this.#chains.of(hook);
      if (chain === undefined) {
        this.#hooks.require(hook);
        return Promise.resolve(untouched(undefined));
      }
      const request = this.#request(chain, payload, context, options.contexts ?? new PluginContexts(), options);
      if (request.steps.length === 0) {
        this.#invoker.skipAll(request);
        return Promise.resolve(untouched(request.contexts));
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
  async invokeHookForPlugin<Name extends keyof Hooks & string>(
    plugin: string,
    hook: Name,
    payload: Hooks[Name]['payload'],
    context: NamedCallContext,
    options: InvokePluginOptions = {},
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    if (this.#closing !== undefined) throw closed();
    const { chain, id } = this.#chains.ofPlugin(plugin, hook);
    checkContext(context?.globalContext, hook);
    const contexts = new PluginContexts();
    const local = contexts.obtain(context.globalContext.requestId, id);
    Object.assign(local.state, context.state);
    Object.assign(local.metadata, context.metadata);
    const request = this.#request(chain, payload, context.globalContext, contexts, options);
    try {
      return await this.#invoker.invoke({ ...request, steps: chain.steps });
    } finally {
      context.state = local.state;
      context.metadata = local.metadata;
    }
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
    return this.#parts.configs;
  }

  /** Where the connections to external plugins are, and why. */
  get connections(): ConnectionStatus[] {
    return [...this.#parts.connections.values()].map((connection) => connection.status());
  }

  /** Watches every actor of this manager (connections, calls, invocations) through XState's inspection API. */
  inspect(inspector: Inspector): { unsubscribe(): void } {
    const subscriptions = this.#parts.inspectAll(inspector);
    return { unsubscribe: () => subscriptions.forEach((subscription) => subscription.unsubscribe()) };
  }

  /**
   * Cancels what runs, shuts the plugins down and closes their connections. Settles when nothing is left: no timer, no
   * socket, no child process. Only what a plugin holds that does not shut down in time may stay; see `shutdownTimeoutMs`.
   * May be called more than once.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#parts.release();
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #request(
    chain: HookChain,
    payload: unknown,
    context: GlobalContext,
    contexts: PluginContexts,
    { violationsAsExceptions = false, signal }: InvokeOptions,
  ) {
    const { hook, steps, conditional, rules } = chain;
    checkContext(context, hook.name);
    const parsed = hook.payload.safeParse(payload);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`);
      throw new GatechartError('PAYLOAD_INVALID', `The payload of ${hook.name} is not valid: ${problems.join('; ')}.`, {
        details: { hook: hook.name },
      });
    }
    const copied = checkedCopy(parsed.data, rules.maxPayloadSize, hook.name);
    return {
      chain,
      steps: conditional
        ? steps.filter(({ plugin }) => conditionsMatch(plugin.conditions, hook, copied, context))
        : steps,
      payload: copied,
      context,
      contexts,
      violationsAsExceptions,
      signal,
    };
  }
}

/** @internal */
export interface ManagerParts {
  readonly hooks: HookRegistry;
  readonly chains: HookChains;
  readonly invoker: HookInvoker;
  readonly connections: ReadonlyMap<string, Pick<Connection<never, unknown>, 'status'>>;
  readonly configs: readonly PluginConfig[];
  readonly inspectAll: (inspector: Inspector) => readonly { unsubscribe(): void }[];
  /** Cancels invocations, shuts plugins down and closes connections. */
  readonly release: () => Promise<void>;
}

function untouched(contexts: PluginContexts | undefined): HookOutcome<never> {
  return {
    continueProcessing: true,
    modifiedPayload: undefined,
    violation: undefined,
    metadata: {},
    httpHeaders: undefined,
    retryDelayMs: 0,
    contexts,
  };
}

function checkContext(context: GlobalContext | undefined, hook: string): void {
  if (typeof context?.requestId === 'string') return;
  throw new GatechartError(
    'CONTEXT_INVALID',
    `The context of ${hook} has no requestId: found ${typeof context?.requestId}, expected a string.`,
    { details: { hook } },
  );
}

function closed(): GatechartError {
  return new GatechartError('MANAGER_CLOSED', 'The manager is closed; hooks can no longer be invoked.');
}
