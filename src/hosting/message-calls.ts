import { encodeConfig, encodeConfigs, encodeHookAnswer, type PluginRequest } from '../wire/protobuf/plugin-request.js';
import type { Waiting } from './caller.js';
import { answerHookCall } from './hook-calls.js';
import type { ToolCallsParts } from './tool-calls.js';

/** The three methods in protobuf. One instance serves all connections of a server and knows how many calls are running. */
export class MessageCalls {
  readonly #parts: ToolCallsParts;
  #running = 0;
  #whenIdle: (() => void)[] = [];

  constructor(parts: ToolCallsParts) {
    this.#parts = parts;
  }

  /** Settles when no call is running. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /**
   * The answer, encoded. Whatever goes wrong in a hook call becomes an error answer.
   *
   * @throws GatechartError PAYLOAD_INVALID, PAYLOAD_TOO_LARGE if a configuration cannot be sent
   */
  async answer(request: PluginRequest, waiting: Waiting): Promise<Uint8Array> {
    this.#running++;
    try {
      return await this.#run(request, waiting);
    } finally {
      this.#running--;
      if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  #run(request: PluginRequest, waiting: Waiting): Uint8Array | Promise<Uint8Array> {
    switch (request.kind) {
      case 'hook':
        return answerHookCall(this.#parts, request, waiting, encodeHookAnswer);
      case 'unreadable':
        return unreadable(request.pluginName, request.problem);
      case 'config':
        return encodeConfig(this.#config(request.name));
      case 'configs':
        return encodeConfigs(this.#parts.host.configs().map(this.#parts.describeConfig));
    }
  }

  #config(name: string): Record<string, unknown> | undefined {
    const wanted = name.toLowerCase();
    const config = this.#parts.host.configs().find((candidate) => candidate.name.toLowerCase() === wanted);
    return config && this.#parts.describeConfig(config);
  }
}

function unreadable(pluginName: string, problem: string): Uint8Array {
  return encodeHookAnswer({
    plugin_name: pluginName,
    error: { message: problem, plugin_name: pluginName, code: 'PROTOCOL_ERROR', mcp_error_code: invalidRequest },
  });
}

const invalidRequest = -32600;
