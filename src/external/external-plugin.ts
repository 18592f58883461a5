import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { ReplayPolicy } from '../config/sections/reconnection.js';
import type { Connection } from '../connection/connection-api.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { PluginError } from '../plugins/plugin-error.js';
import { LinkError } from '../transports/transport.js';
import { requireJsonContext } from '../wire/context-codec.js';
import { hookCodec } from '../wire/hook-codec.js';
import type { IgnoredFields } from '../wire/ignored-fields.js';
import { requireJson } from '../json/json-data.js';
import type { HookHandler, PluginInstance } from '../plugins/plugin.js';
import type { CallLimits, ExternalHook, HookContext, PluginCodec } from './plugin-codec.js';

/** What an external plugin is made of, however it is reached. */
export interface ExternalPluginDependencies<Request, Response> {
  readonly connection: Connection<Request, Response>;
  readonly codec: PluginCodec<Request, Response>;
  /** The plugin's entry in the local configuration. */
  readonly config: PluginConfig;
  /** A hook by name, undefined if nobody registered it. */
  readonly hookOf: (name: string) => HookDefinition | undefined;
  /** Joins our configuration with the entry that the server gives; ours wins. */
  readonly mergeConfig: (local: PluginConfig, remote: Readonly<Record<string, unknown>>) => PluginConfig;
  /** Hears of what the server sends and nobody here knows. */
  readonly ignored?: IgnoredFields;
  /** Milliseconds one call may take at most; the deadline of the hook may be sooner. Default: no other limit. */
  readonly timeoutMs?: number;
  /** What becomes of a hook call that was cut off. Default `once`. */
  readonly replay?: ReplayPolicy;
}

/** What the plugins of all transports have in common. */
export type ExternalPluginEntry = Pick<
  ExternalPluginDependencies<never, never>,
  'config' | 'hookOf' | 'mergeConfig' | 'ignored'
>;

/** A plugin that lives in another process: a codec and a connection. */
export class ExternalPlugin<Request, Response> implements PluginInstance {
  readonly #dependencies: ExternalPluginDependencies<Request, Response>;
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #replay: ReplayPolicy;
  #config: PluginConfig;
  /** What the server gave. */
  #remote: Readonly<Record<string, unknown>> = {};

  constructor(dependencies: ExternalPluginDependencies<Request, Response>) {
    this.#dependencies = dependencies;
    this.#config = dependencies.config;
    this.#name = dependencies.config.name;
    this.#timeoutMs = dependencies.timeoutMs ?? Number.POSITIVE_INFINITY;
    this.#replay = dependencies.replay ?? 'once';
  }

  /** The local configuration, after `start` merged with the server's. */
  get config(): PluginConfig {
    return this.#config;
  }

  /**
   * Asks the server for the plugin's configuration and merges it, which shows that the server speaks the protocol and
   * has the plugin.
   *
   * @param options.timeoutMs milliseconds, connecting included
   * @throws GatechartError PLUGIN_LOAD_FAILED (`cause`: what the connection threw), CONFIG_INVALID
   */
  async start(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<PluginConfig> {
    const { connection, codec, config, mergeConfig } = this.#dependencies;
    const { target } = connection.status();
    const at = `External plugin ${this.#name} at ${target}`;
    let response: Response;
    try {
      const request = codec.encodeConfig(this.#name, options.timeoutMs);
      response = await connection.request(request, { ...options, replay: 'once' });
    } catch (error) {
      throw this.#loadError(
        `${at} did not give its configuration: ${aboutIt(messageOf(error), this.#name, target)}`,
        error,
      );
    }
    const answer = codec.decodeConfig(response);
    if (answer.kind === 'unusable') {
      throw this.#loadError(`${at} gave a bad answer to get_plugin_config: ${answer.reason}`);
    }
    if (answer.kind === 'none' || Object.keys(answer.config).length === 0) {
      const advice = "use the name that the server's configuration gives it";
      throw this.#loadError(`${at} has no plugin called ${this.#name}; ${advice}`);
    }
    this.#remote = answer.config;
    this.#config = mergeConfig(config, answer.config);
    return this.#config;
  }

  /** Another local configuration, merged with what the server gave when the plugin started. @throws GatechartError CONFIG_INVALID */
  configUnder(local: PluginConfig): PluginConfig {
    return this.#dependencies.mergeConfig(local, this.#remote);
  }

  /**
   * Runs one hook there, and takes the local context and the global state back from the answer. Undefined for a hook
   * nobody registered.
   *
   * What it gives back throws PluginError if the plugin failed or was too slow, or the server's answer is not one or is
   * larger than the plugin's may be (MESSAGE_TOO_LARGE);
   * PluginViolationError if the plugin threw it there; and GatechartError: PAYLOAD_INVALID if payload or context cannot be
   * sent unchanged, over protobuf PAYLOAD_TOO_LARGE, and what {@link Connection.request} throws except CALL_REFUSED,
   * CALL_TIMEOUT.
   */
  handler(hookName: string): HookHandler<unknown, unknown, HookContext> | undefined {
    const hook = this.#dependencies.hookOf(hookName);
    if (hook === undefined) return undefined;
    const { ignored } = this.#dependencies;
    const called = { hookName: hook.name, pluginName: this.#name, codec: hookCodec(hook), ignored };
    return (payload, context) => this.#call(called, payload, context);
  }

  /** Closes the connection; settles when it is gone. */
  shutdown(): Promise<void> {
    return this.#dependencies.connection.close();
  }

  #call(hook: ExternalHook, payload: unknown, context: HookContext): Promise<PluginResult> {
    const { connection, codec } = this.#dependencies;
    const timeoutMs = Math.min(context.deadlineMs, this.#timeoutMs);
    const encoded = hook.codec.payload.encodeRequest(payload);
    const readable = context.readable ?? context;
    // The same on all transports, whoever looks.
    if (codec.checksJson !== true) {
      requireJson(encoded, 'payload');
      requireJsonContext(readable);
    }
    const limits = { timeoutMs, maxAnswerBytes: this.#config.maxContentSize ?? Number.POSITIVE_INFINITY };
    const request = codec.encodeHook({ hook, payload: encoded, context, readable }, limits);
    const options = { timeoutMs, signal: context.cancellation ?? context.signal, replay: this.#replay };
    return connection.request(request, options).then(
      (response) => this.#read(response, hook, context, limits),
      (error: unknown) => {
        throw this.#failure(error, timeoutMs);
      },
    );
  }

  #read(response: Response, hook: ExternalHook, context: HookContext, limits: CallLimits): PluginResult {
    const { outcome, context: returned } = this.#dependencies.codec.decodeHook(response, hook, limits);
    if (returned?.state !== undefined) context.state = returned.state;
    if (returned?.metadata !== undefined) context.metadata = returned.metadata;
    if (returned?.globalState !== undefined) context.globalContext.state = returned.globalState;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  #loadError(message: string, cause?: unknown): GatechartError {
    return new GatechartError('PLUGIN_LOAD_FAILED', message, { cause, details: { plugin: this.#name } });
  }

  #failure(error: unknown, timeoutMs: number): unknown {
    if (!isGatechartError(error)) return error;
    const { message, cause } = error;
    if (error.code === 'CALL_REFUSED') {
      const mcpErrorCode = cause instanceof LinkError ? cause.rpcCode : undefined;
      const failure = { message, pluginName: this.#name, ...(mcpErrorCode !== undefined && { mcpErrorCode }) };
      return new PluginError(failure, { cause: error });
    }
    if (error.code !== 'CALL_TIMEOUT') return error;
    // The chain has the same deadline; whichever is first, the caller hears of a plugin that was too slow.
    const late = `Plugin ${this.#name} exceeded ${timeoutMs / 1000}s timeout: ${message}`;
    return new PluginError({ message: late, pluginName: this.#name }, { code: 'PLUGIN_TIMEOUT', cause: error });
  }
}

/** The words of a connection, in a sentence that has said already whose it is and where it leads. */
function aboutIt(message: string, name: string, target: string): string {
  const lead = `${name} (${target}) `;
  if (!message.startsWith(lead)) return message;
  const last = 'The last error was: ';
  return `it ${message.slice(lead.length)}`
    .replace(`${last}${target}: `, last)
    .replace(`${last}${target} `, `${last}it `);
}
