import { isRecord } from '../json/records.js';
import type { TraceParent } from '../observability/spans.js';
import type { McpRequest, McpResponse } from '../transports/mcp/mcp-messages.js';
import { encodeRequestContext } from '../wire/context-codec.js';
import { answerTooLarge, badAnswer, readHookAnswer } from './hook-answer.js';
import type { PluginCodec } from './plugin-codec.js';
import { notAnObject, readToolAnswer, textBytes } from './tool-answer.js';

/** The three tools of a plugin server, called over MCP. */
export const mcpCodec: PluginCodec<McpRequest, McpResponse> = {
  encodeConfig: (name) => callTool('get_plugin_config', { name }),
  decodeConfig: (response) => {
    const answer = readToolAnswer(response);
    if (answer.kind === 'unusable') return answer;
    const [config] = answer.documents;
    if (isRecord(config)) return { kind: 'config', config };
    return config === null ? { kind: 'none' } : { kind: 'unusable', reason: notAnObject(config) };
  },
  encodeHook: ({ hook, payload, context }) =>
    callTool(
      'invoke_hook',
      {
        hook_type: hook.hookName,
        plugin_name: hook.pluginName,
        payload,
        // Not the readable one: it is written out when the message is sent, which may be later.
        context: encodeRequestContext(context),
      },
      context.traceParent,
    ),
  decodeHook: (response, hook, limits) => {
    const bytes = Number.isFinite(limits.maxAnswerBytes) ? textBytes(response) : 0;
    if (bytes > limits.maxAnswerBytes) throw answerTooLarge(hook, bytes, limits);
    const answer = readToolAnswer(response, hook.codec.result);
    if (answer.kind === 'unusable') throw badAnswer(hook.pluginName, hook.hookName, answer.reason, answer.code);
    return readHookAnswer(answer.documents, hook);
  },
};

function callTool(name: string, args: Readonly<Record<string, unknown>>, traceParent?: TraceParent): McpRequest {
  const request = { method: 'tools/call', params: { name, arguments: args } };
  if (traceParent === undefined) return request;
  return { ...request, params: { ...request.params, _meta: { ...traceParent } }, traceParent };
}
