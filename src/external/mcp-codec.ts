import { isRecord } from '../json/records.js';
import type { McpRequest, McpResponse } from '../transports/mcp/mcp-messages.js';
import { answerTooLarge, badAnswer, readHookAnswer } from './hook-answer.js';
import { HookRequest } from './hook-request.js';
import type { PluginCodec } from './plugin-codec.js';
import { notAnObject, readToolAnswer, textBytes } from './tool-answer.js';

/** The three tools of a plugin server, called over MCP. */
export const mcpCodec: PluginCodec<McpRequest, McpResponse> = {
  encodeConfig: (name) => ({ method: 'tools/call', params: { name: 'get_plugin_config', arguments: { name } } }),
  decodeConfig: (response) => {
    const answer = readToolAnswer(response);
    if (answer.kind === 'unusable') return answer;
    const [config] = answer.documents;
    if (isRecord(config)) return { kind: 'config', config };
    return config === null ? { kind: 'none' } : { kind: 'unusable', reason: notAnObject(config) };
  },
  encodeHook: (call) => new HookRequest(call),
  decodeHook: (response, hook, limits) => {
    const bytes = Number.isFinite(limits.maxAnswerBytes) ? textBytes(response) : 0;
    if (bytes > limits.maxAnswerBytes) throw answerTooLarge(hook, bytes, limits);
    const answer = readToolAnswer(response, hook.codec.result);
    if (answer.kind === 'unusable') throw badAnswer(hook.pluginName, hook.hookName, answer.reason, answer.code);
    return readHookAnswer(answer.documents, hook);
  },
};
