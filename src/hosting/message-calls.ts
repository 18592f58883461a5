import { messageOf } from '../errors.js';
import { internalErrorCode } from '../plugins/plugin-error.js';
import { encodeConfig, encodeConfigs, encodeHookAnswer, type PluginRequest } from '../wire/protobuf/plugin-request.js';
import { noOpResult } from '../wire/result-codec.js';
import type { TraceParent } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';
import { answerHookCall } from './hook-calls.js';
import { configNamed } from './plugin-host.js';
import type { ToolCallsDependencies } from './tool-calls.js';

/** The three methods in protobuf. One instance serves all connections of a server. */
export class MessageCalls {
  readonly #dependencies: ToolCallsDependencies;
  /** The answers of plugins that have no objection, encoded: they are always the same. */
  readonly #noOpAnswers = new Map<string, Uint8Array>();

  constructor(dependencies: ToolCallsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * The answer, encoded. Whatever goes wrong in a hook call becomes an error answer; configurations that cannot be sent
   * are answered as if there were none, as ContextForge does.
   */
  answer(request: PluginRequest, signal: CancelSignal, traceParent?: TraceParent): Promise<Uint8Array> {
    if (request.kind !== 'hook') return this.#describe(request);
    // Written out: what V8 (11.3) makes of a spread with one field more outlives its call, and keeps all of it from being
    // collected young (`npm run bench`, unix/64-silent).
    const { hookName, pluginName, payload, context } = request;
    const call = { hookName, pluginName, payload, context, traceParent };
    return answerHookCall(this.#dependencies, call, signal, this.#writer);
  }

  readonly #writer = { checksJson: true, write: (answer: Readonly<Record<string, unknown>>) => this.#encode(answer) };

  #encode(answer: Readonly<Record<string, unknown>>): Uint8Array {
    const { plugin_name: pluginName, result, context } = answer;
    if (result !== noOpResult || context !== undefined || typeof pluginName !== 'string')
      return encodeHookAnswer(answer, true);
    let bytes = this.#noOpAnswers.get(pluginName);
    if (bytes === undefined) {
      // A copy: whoever is handed an answer may write the next one over it.
      bytes = Buffer.from(encodeHookAnswer(answer));
      this.#noOpAnswers.set(pluginName, bytes);
    }
    return bytes;
  }

  async #describe(request: Exclude<PluginRequest, { kind: 'hook' }>): Promise<Uint8Array> {
    switch (request.kind) {
      case 'unreadable':
        return encodeFailedCall(request.pluginName, {
          message: request.problem,
          code: 'PROTOCOL_ERROR',
          mcpErrorCode: invalidRequest,
        });
      case 'config':
        return this.#sendable(
          () => encodeConfig(this.#config(request.name)),
          () => encodeConfig(undefined),
        );
      case 'configs':
        return this.#sendable(
          () => encodeConfigs(this.#dependencies.host.configs.map(this.#dependencies.describeConfig)),
          () => encodeConfigs([]),
        );
    }
  }

  #sendable(encode: () => Uint8Array, encodeNothing: () => Uint8Array): Uint8Array {
    try {
      return encode();
    } catch (error) {
      this.#dependencies.logger.error({ error: messageOf(error) }, 'a plugin configuration cannot be sent');
      return encodeNothing();
    }
  }

  #config(name: string): Record<string, unknown> | undefined {
    const config = configNamed(this.#dependencies.host, name);
    return config && this.#dependencies.describeConfig(config);
  }
}

/** Why a call was not even begun. */
export interface FailedCall {
  readonly message: string;
  readonly code?: string;
  readonly mcpErrorCode?: number;
}

/** The answer to a call that was not begun, encoded. */
export function encodeFailedCall(
  pluginName: string,
  { message, code = '', mcpErrorCode = internalErrorCode }: FailedCall,
): Uint8Array {
  return encodeHookAnswer({
    plugin_name: pluginName,
    error: { message, plugin_name: pluginName, code, mcp_error_code: mcpErrorCode },
  });
}

const invalidRequest = -32600;
