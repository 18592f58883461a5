import { describeValue } from '../json/described-value.js';
import { isRecord } from '../json/records.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { decodeRequestContext, unknownContextFields } from '../wire/context-codec.js';
import { unknownKeys } from '../wire/ignored-fields.js';
import { messageOf } from '../errors.js';
import { jsonText } from '../json/json-text.js';
import { fitAnswer } from '../serving/mcp/answer-size.js';
import type { TraceParent } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';
import { answerHookCall, type HookCallsDependencies } from './hook-calls.js';
import { configNamed } from './plugin-host.js';

export interface ToolCallsDependencies extends HookCallsDependencies {
  /** A configuration as hosts expect it: snake_case, every field written out. */
  readonly describeConfig: (config: PluginConfig) => Record<string, unknown>;
}

/** The three tools. One instance serves all sessions of a server. */
export class ToolCalls {
  readonly #dependencies: ToolCallsDependencies;

  constructor(dependencies: ToolCallsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Never rejects: whatever goes wrong is a result with `isError`. */
  async call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    signal: CancelSignal,
    traceParent?: TraceParent,
  ): Promise<CallToolResult> {
    try {
      switch (name) {
        case 'get_plugin_configs':
          return this.#configs();
        case 'get_plugin_config':
          return this.#config(args);
        case 'invoke_hook':
          return await this.#invoke(args, signal, traceParent);
        default:
          return failed(`Unknown tool: ${name}`);
      }
    } catch (error) {
      this.#dependencies.logger.error({ tool: name, error: messageOf(error) }, 'a tool call could not be answered');
      return failed(`Error executing tool ${name}: ${messageOf(error)}`);
    }
  }

  #configs(): CallToolResult {
    const configs = this.#dependencies.host.configs.map(this.#dependencies.describeConfig);
    return {
      content: configs.map((config) => ({ type: 'text', text: JSON.stringify(config) })),
      structuredContent: { result: configs },
      isError: false,
    };
  }

  #config({ name }: Readonly<Record<string, unknown>>): CallToolResult {
    if (typeof name !== 'string') return badArguments('get_plugin_config', [expected('name', name, 'a string')]);
    const config = configNamed(this.#dependencies.host, name);
    return answer(JSON.stringify(config === undefined ? {} : this.#dependencies.describeConfig(config)));
  }

  async #invoke(
    args: Readonly<Record<string, unknown>>,
    signal: CancelSignal,
    traceParent: TraceParent | undefined,
  ): Promise<CallToolResult> {
    const { hook_type: hookName, plugin_name: pluginName } = args;
    const payload = objectArgument(args['payload']);
    const context = objectArgument(args['context']);
    if (typeof hookName === 'string' && typeof pluginName === 'string' && isRecord(payload) && isRecord(context)) {
      this.#dependencies.ignored?.note(unknownKeys(args, invokeArguments, 'invoke_hook'));
      this.#dependencies.ignored?.note(unknownContextFields(context));
      const call = { hookName, pluginName, payload, context: decodeRequestContext(context), traceParent };
      return answer(await answerHookCall(this.#dependencies, call, signal, answerWriter));
    }
    const problems = [
      ...(typeof hookName === 'string' ? [] : [expected('hook_type', hookName, 'a string')]),
      ...(typeof pluginName === 'string' ? [] : [expected('plugin_name', pluginName, 'a string')]),
      ...(isRecord(payload) ? [] : [expected('payload', payload, 'an object')]),
      ...(isRecord(context) ? [] : [expected('context', context, 'an object')]),
    ];
    return badArguments('invoke_hook', problems);
  }
}

function writeAnswer(document: Readonly<Record<string, unknown>>): string {
  return fitAnswer(jsonText(document));
}

const answerWriter = { checksJson: false, write: writeAnswer };

const invokeArguments = new Set(['hook_type', 'plugin_name', 'payload', 'context']);

/** Some clients send objects as JSON text, and ContextForge takes them. */
function objectArgument(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : value;
  } catch {
    return value;
  }
}

function answer(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: false };
}

function failed(message: string): CallToolResult {
  return { content: [{ type: 'text', text: message }], isError: true };
}

function expected(argument: string, found: unknown, kind: string): string {
  return `${argument}: found ${describeValue(found)}, expected ${kind}`;
}

function badArguments(tool: string, problems: readonly string[]): CallToolResult {
  return failed(`Error executing tool ${tool}: ${problems.join('; ')}`);
}
