import type { PluginConfig, ReplayPolicy } from '../config/plugin-config.js';
import type { ReadableContext } from '../context/readable-context.js';
import type { Connection } from '../connection/connection-api.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { PluginContext } from '../plugins/plugin-context.js';
import { PluginError } from '../plugins/plugin-error.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { PluginAnswer, PluginCall } from '../transports/plugin-messages.js';
import { encodeRequestContext } from '../wire/context-codec.js';
import { hookCodec } from '../wire/hook-codec.js';
import { AnswerMemory } from '../wire/protobuf/answer-memory.js';
import { configCall, hookCall } from '../wire/protobuf/plugin-call.js';
import { badAnswer, readHookAnswer } from './hook-answer.js';

/** What a plugin behind a Unix socket or gRPC is made of. */
export interface ProtobufPluginParts {
  readonly connection: Connection<PluginCall, PluginAnswer>;
  /** The plugin's entry in the local configuration. */
  readonly config: PluginConfig;
  /** A hook by name, undefined if nobody registered it. */
  readonly hookOf: (name: string) => HookDefinition | undefined;
  /** Joins our configuration with the entry that the server gives; ours wins. */
  readonly mergeConfig: (local: PluginConfig, remote: Readonly<Record<string, unknown>>) => PluginConfig;
  /** Milliseconds one call may take at most; the deadline of the hook may be sooner. Default: no other limit. */
  readonly timeoutMs?: number;
  /** What becomes of a hook call that was cut off. Default `once`. */
  readonly replay?: ReplayPolicy;
}

/** The chain brings a cheaper signal along with the real one, and all of the context for reading. */
type HookContext = PluginContext & { readonly cancellation?: CancelSignal; readonly readable?: ReadableContext };

/** A plugin that lives in another process and is called with messages in protobuf. */
export class ProtobufPlugin {
  readonly #parts: ProtobufPluginParts;
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #memory = new AnswerMemory();
  #config: PluginConfig;

  constructor(parts: ProtobufPluginParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#name = parts.config.name;
    this.#timeoutMs = parts.timeoutMs ?? Number.POSITIVE_INFINITY;
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
    const { connection, config, mergeConfig } = this.#parts;
    const at = `External plugin ${this.#name} at ${connection.status().target}`;
    const details = { plugin: this.#name };
    const call = configCall(this.#name, options.timeoutMs);
    const answer = await connection.request(call, { ...options, replay: 'once' }).catch((error: unknown) => {
      const message = `${at} did not give its configuration: ${messageOf(error)}`;
      throw new GatechartError('PLUGIN_LOAD_FAILED', message, { cause: error, details });
    });
    if (answer.kind !== 'config' || answer.config === undefined || Object.keys(answer.config).length === 0) {
      const advice = "use the name that the server's configuration gives it";
      throw new GatechartError('PLUGIN_LOAD_FAILED', `${at} has no plugin called ${this.#name}; ${advice}`, {
        details,
      });
    }
    this.#config = mergeConfig(config, answer.config);
    return this.#config;
  }

  /**
   * Runs one hook there, and takes the local context and the global state back from the answer.
   *
   * @throws PluginError if the plugin failed, or the server's answer is not one
   * @throws GatechartError HOOK_UNKNOWN, PAYLOAD_INVALID if the payload cannot be sent unchanged, PAYLOAD_TOO_LARGE, and
   * what {@link Connection.request} throws except CALL_REFUSED
   */
  async invoke(hookName: string, payload: unknown, context: HookContext): Promise<PluginResult> {
    const hook = this.#parts.hookOf(hookName);
    if (hook === undefined) {
      throw new GatechartError('HOOK_UNKNOWN', `Plugin ${this.#name}: nobody registered a hook called ${hookName}`);
    }
    const { connection, replay = 'once' } = this.#parts;
    const timeoutMs = Math.min(context.deadlineMs, this.#timeoutMs);
    const call = hookCall(
      {
        hookName,
        pluginName: this.#name,
        payload: hookCodec(hook).payload.encodeRequest(payload),
        context: encodeRequestContext(context.readable ?? context),
      },
      timeoutMs,
      this.#memory,
    );
    let answer: PluginAnswer;
    try {
      answer = await connection.request(call, { timeoutMs, signal: context.cancellation ?? context.signal, replay });
    } catch (error) {
      throw this.#failure(error, timeoutMs);
    }
    if (answer.kind === 'goOn') return { continueProcessing: true };
    if (answer.kind !== 'hook') throw badAnswer(this.#name, hookName, 'it is the answer to another question');
    const { outcome, context: returned } = readHookAnswer([answer.document], hook, this.#name);
    if (returned?.state !== undefined) context.state = returned.state;
    if (returned?.metadata !== undefined) context.metadata = returned.metadata;
    if (returned?.globalState !== undefined) context.globalContext.state = returned.globalState;
    if (outcome instanceof PluginError) throw outcome;
    return outcome;
  }

  /** Closes the connection; settles when it is gone. */
  close(): Promise<void> {
    return this.#parts.connection.close();
  }

  #failure(error: unknown, timeoutMs: number): unknown {
    if (!isGatechartError(error)) return error;
    const options = { cause: error };
    if (error.code === 'CALL_REFUSED')
      return new PluginError({ message: error.message, pluginName: this.#name }, options);
    if (error.code !== 'CALL_TIMEOUT') return error;
    // The chain has the same deadline; whichever is first, the caller hears of a plugin that was too slow.
    const message = `Plugin ${this.#name} exceeded ${timeoutMs / 1000}s timeout: ${error.message}`;
    return new PluginError({ message, pluginName: this.#name }, { ...options, code: 'PLUGIN_TIMEOUT' });
  }
}
