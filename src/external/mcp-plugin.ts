import type { PluginConfig } from '../config/plugin-config.js';
import type { Connection } from '../connection/connection-api.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { PluginContext } from '../plugins/plugin-context.js';
import { PluginError } from '../plugins/plugin-error.js';
import type { McpRequest, McpResponse } from '../transports/mcp-messages.js';
import { LinkError } from '../transports/transport.js';
import type { CancelSignal } from '../time/cancellation.js';
import { encodeRequestContext } from '../wire/context-codec.js';
import { hookCodec } from '../wire/hook-codec.js';
import { isRecord } from '../wire/names.js';
import { badAnswer, readHookAnswer } from './hook-answer.js';
import { notAnObject, readToolAnswer } from './tool-answer.js';

/** What an external plugin is made of. */
export interface ExternalPluginParts {
  readonly connection: Connection<McpRequest, McpResponse>;
  /** The plugin's entry in the local configuration. */
  readonly config: PluginConfig;
  /** A hook by name, undefined if nobody registered it. */
  readonly hookOf: (name: string) => HookDefinition | undefined;
  /** Joins our configuration with the entry that the server gives; ours wins. */
  readonly mergeConfig: (local: PluginConfig, remote: Readonly<Record<string, unknown>>) => PluginConfig;
}

/** The chain's own contexts have a lighter signal than a plugin's AbortSignal. */
type HookContext = PluginContext & { readonly cancellation?: CancelSignal };

/** A plugin that lives in another process and is called through the three tools of a plugin server. */
export class ExternalPlugin {
  readonly #parts: ExternalPluginParts;
  readonly #name: string;
  readonly #replay: 'once' | 'never';
  #config: PluginConfig;

  constructor(parts: ExternalPluginParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#name = parts.config.name;
    this.#replay = parts.config.mcp?.replay ?? 'once';
  }

  /** The local configuration, after `start` merged with the server's. */
  get config(): PluginConfig {
    return this.#config;
  }

  /**
   * Asks the server for the plugin's configuration and merges it.
   *
   * @param options.timeoutMs milliseconds, connecting included
   * @throws GatechartError PLUGIN_LOAD_FAILED (`cause`: what the connection threw), CONFIG_INVALID
   */
  async start(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<PluginConfig> {
    const remote = await this.#fetchConfig(options);
    this.#config = this.#parts.mergeConfig(this.#parts.config, remote);
    return this.#config;
  }

  async #fetchConfig(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Record<string, unknown>> {
    const { connection } = this.#parts;
    const at = `External plugin ${this.#name} at ${connection.status().target}`;
    const response = await this.#callTool('get_plugin_config', { name: this.#name }, options).catch(
      (error: unknown) => {
        throw new GatechartError('PLUGIN_LOAD_FAILED', `${at} did not give its configuration: ${messageOf(error)}`, {
          cause: error,
          details: { plugin: this.#name },
        });
      },
    );
    const answer = readToolAnswer(response);
    const problem =
      answer.kind === 'unusable'
        ? answer.reason
        : isRecord(answer.documents[0]) || answer.documents[0] === null
          ? undefined
          : notAnObject(answer.documents[0]);
    if (problem !== undefined) {
      throw new GatechartError('PLUGIN_LOAD_FAILED', `${at} gave a bad answer to get_plugin_config: ${problem}`);
    }
    const remote = answer.kind === 'documents' ? answer.documents[0] : undefined;
    if (!isRecord(remote) || Object.keys(remote).length === 0) {
      throw new GatechartError(
        'PLUGIN_LOAD_FAILED',
        `${at} has no plugin called ${this.#name}; use the name that the server's configuration gives it`,
        { details: { plugin: this.#name } },
      );
    }
    return remote;
  }

  /**
   * Runs one hook there, and takes the local context and the global state back from the answer.
   *
   * @throws PluginError if the plugin failed or was too slow, or the server's answer is not one
   * @throws GatechartError HOOK_UNKNOWN, and what {@link Connection.request} throws except CALL_REFUSED, CALL_TIMEOUT
   */
  async invoke(hookName: string, payload: unknown, context: HookContext): Promise<PluginResult> {
    const hook = this.#parts.hookOf(hookName);
    if (hook === undefined) {
      throw new GatechartError('HOOK_UNKNOWN', `Plugin ${this.#name}: nobody registered a hook called ${hookName}`);
    }
    const response = await this.#callHook(
      {
        hook_type: hookName,
        plugin_name: this.#name,
        payload: hookCodec(hook).payload.encodeRequest(payload),
        context: encodeRequestContext(context),
      },
      context,
    );
    const answer = readToolAnswer(response);
    if (answer.kind === 'unusable') throw badAnswer(this.#name, hookName, answer.reason, answer.code);
    const { outcome, context: returned } = readHookAnswer(answer.documents, hook, this.#name);
    if (returned !== undefined) {
      if (returned.state !== undefined) context.state = returned.state;
      if (returned.metadata !== undefined) context.metadata = returned.metadata;
      if (returned.globalState !== undefined) context.globalContext.state = returned.globalState;
    }
    if (outcome instanceof PluginError) throw outcome;
    return outcome;
  }

  /** The chain has the same deadline; whichever of the two is first, the caller hears of a plugin that was too slow. */
  async #callHook(args: Record<string, unknown>, context: HookContext): Promise<McpResponse> {
    const { deadlineMs } = context;
    try {
      const signal = context.cancellation ?? context.signal;
      return await this.#callTool('invoke_hook', args, { timeoutMs: deadlineMs, signal });
    } catch (error) {
      if (!isGatechartError(error) || error.code !== 'CALL_TIMEOUT') throw error;
      const message = `Plugin ${this.#name} exceeded ${deadlineMs / 1000}s timeout: ${error.message}`;
      throw new PluginError({ message, pluginName: this.#name }, { code: 'PLUGIN_TIMEOUT', cause: error });
    }
  }

  /** Closes the connection; settles when it is gone. */
  close(): Promise<void> {
    return this.#parts.connection.close();
  }

  async #callTool(
    name: string,
    args: Record<string, unknown>,
    options: { timeoutMs: number; signal?: CancelSignal },
  ): Promise<McpResponse> {
    try {
      return await this.#parts.connection.request(
        { method: 'tools/call', params: { name, arguments: args } },
        { ...options, replay: this.#replay },
      );
    } catch (error) {
      throw isGatechartError(error) && error.code === 'CALL_REFUSED' ? this.#refusal(error) : error;
    }
  }

  #refusal(error: GatechartError): PluginError {
    const rpcCode = error.cause instanceof LinkError ? error.cause.rpcCode : undefined;
    return new PluginError(
      { message: error.message, pluginName: this.#name, ...(rpcCode !== undefined && { mcpErrorCode: rpcCode }) },
      { cause: error },
    );
  }
}
