import { describeValue } from '../../json/described-value.js';
import { isRecord } from '../../json/records.js';
import { GatechartError, isGatechartError, messageOf } from '../../errors.js';
import type { PluginAnswer, PluginCall } from './plugin-messages.js';
import { isNoOp, saysStop } from '../result-codec.js';
import { requireWellFormed } from './well-formed.js';
import { readMetrics } from './denial-metrics.js';
import { AnswerMemory } from './answer-memory.js';
import { answerContext, structInParts, structOf, writeContext } from './context-message.js';
import { decodeMessage, encodeMessage, tagOf, types } from './descriptor.js';
import { type MessageWriter, writeMessage } from './message-writer.js';
import { SentMessage, type SentTexts } from './sent-texts.js';
import { readUsualAnswer } from './usual-messages.js';

/** One hook call, as JSON has it. */
export interface HookRequest {
  readonly hookName: string;
  readonly pluginName: string;
  readonly payload: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Asks a server for the configuration of one plugin. @throws GatechartError PAYLOAD_INVALID */
export function configCall(pluginName: string, timeoutMs: number): PluginCall {
  const bytes = encodeMessage(types.getPluginConfigRequest, { name: requireWellFormed(pluginName, 'name') });
  return { method: 'GetPluginConfig', bytes, timeoutMs, read: readConfig };
}

const requestTags = {
  hookName: tagOf('InvokeHookRequest', 'hook_type'),
  pluginName: tagOf('InvokeHookRequest', 'plugin_name'),
  payload: tagOf('InvokeHookRequest', 'payload'),
  context: tagOf('InvokeHookRequest', 'context'),
};

/**
 * Asks a server to run one hook of one plugin.
 *
 * @param memory of the plugin's answers
 * @param maxAnswerBytes bytes an answer may have
 * @param isStrict refuses what JSON cannot say
 * @throws GatechartError PAYLOAD_INVALID (names the path) if something cannot be sent unchanged, PAYLOAD_TOO_LARGE
 */
export function hookCall(
  { hookName, pluginName, payload, context }: HookRequest,
  timeoutMs: number,
  memory = new AnswerMemory(),
  maxAnswerBytes = Number.POSITIVE_INFINITY,
  isStrict = false,
): PluginCall {
  if (!isRecord(payload)) {
    throw new GatechartError(
      'PAYLOAD_INVALID',
      `payload of ${hookName}: found ${describeValue(payload)}, expected an object; this transport carries nothing else`,
    );
  }
  let texts: SentTexts | undefined;
  const write = (writer: MessageWriter): void => {
    writeContext(context, requestTags.context, writer);
    writer.object(payload, requestTags.payload, 'payload', 0);
    writer.textIfAny(requireWellFormed(pluginName, 'plugin_name'), requestTags.pluginName);
    writer.textIfAny(requireWellFormed(hookName, 'hook_type'), requestTags.hookName);
    texts = writer.longTexts;
  };
  const bytes = writeMessage('InvokeHookRequest', write, isStrict);
  const sent = texts && new SentMessage(bytes, texts);
  const read = (answer: Uint8Array): PluginAnswer =>
    answer.length > maxAnswerBytes
      ? { kind: 'tooLarge', bytes: answer.length }
      : readHook(answer, pluginName, memory, sent);
  return { method: 'InvokeHook', bytes, timeoutMs, read };
}

const noOp: PluginAnswer = { kind: 'noOp' };

function readConfig(bytes: Uint8Array): PluginAnswer {
  return reading('GetPluginConfigResponse', () => {
    const message = decodeMessage(types.getPluginConfigResponse, bytes);
    return { kind: 'config', config: message['found'] === true ? (structOf(message, 'config') ?? {}) : undefined };
  });
}

function readHook(
  bytes: Uint8Array,
  pluginName: string,
  memory: AnswerMemory,
  sent: SentMessage | undefined,
): PluginAnswer {
  if (memory.recalls(bytes)) return noOp;
  const usual = readUsualAnswer(bytes, sent);
  if (usual !== undefined && (usual.pluginName === '' || usual.pluginName === pluginName)) {
    const { context, result } = usual;
    if (context !== undefined) return { kind: 'hook', document: { plugin_name: pluginName, context, result } };
    if (isNoOp(result)) memory.keep(bytes);
    return { kind: 'hook', document: { plugin_name: pluginName, result } };
  }
  return reading('InvokeHookResponse', () => {
    const message = decodeMessage(types.invokeHookResponse, bytes);
    const named = message['plugin_name'];
    if (typeof named === 'string' && named !== '' && named !== pluginName) {
      throw protocolError(`it is about plugin ${named}, expected ${pluginName}`);
    }
    const document: Record<string, unknown> = { plugin_name: pluginName };
    const context = answerContext(message['context']);
    if (context !== undefined) document['context'] = context;
    const error = errorOf(message['error']);
    const result = withBase(structInParts(message, 'result', sent), message['result_base'], error !== undefined);
    // As in ContextForge: an error that says something outweighs a result, unless that one says stop.
    if (error !== undefined && !saysStop(result)) {
      document['error'] = error;
    } else {
      document['result'] = result;
      if (context === undefined && result !== undefined && isNoOp(result)) memory.keep(bytes);
    }
    return { kind: 'hook', document };
  });
}

/**
 * The result with what is beside it. Numbers about a denial go there, where integers keep their digits; what they say
 * outweighs the Struct. A stop that the Struct does not speak of is one: false is what is not on the wire.
 */
function withBase(
  result: Record<string, unknown> | undefined,
  base: unknown,
  failed: boolean,
): Record<string, unknown> | undefined {
  if (!isRecord(base)) return result;
  const violation = violationOf(base);
  const isSilent = result === undefined || !Object.hasOwn(result, 'continue_processing');
  const stops = isSilent && base['continue_processing'] !== true && (!failed || violation !== undefined);
  if (result === undefined && !stops) return undefined;
  const said: Record<string, unknown> = { ...(stops && { violation }), ...result };
  if (stops) said['continue_processing'] = false;
  if (Object.hasOwn(base, 'denial_metadata')) said['denial_metadata'] = readMetrics(base['denial_metadata']);
  return said;
}

function violationOf(base: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const message = Object.hasOwn(base, 'violation') ? base['violation'] : undefined;
  if (!isRecord(message)) return undefined;
  const violation: Record<string, unknown> = {};
  for (const name of ['reason', 'description', 'code', 'plugin_name', 'mcp_error_code']) {
    if (Object.hasOwn(message, name)) violation[name] = message[name];
  }
  violation['details'] = structOf(message, 'details');
  return violation;
}

function errorOf(message: unknown): Record<string, unknown> | undefined {
  if (!isRecord(message) || !Object.hasOwn(message, 'message')) return undefined;
  const error: Record<string, unknown> = {};
  for (const name of ['message', 'plugin_name', 'code', 'mcp_error_code']) {
    if (Object.hasOwn(message, name)) error[name] = message[name];
  }
  error['details'] = structOf(message, 'details');
  return error;
}

function reading(name: string, read: () => PluginAnswer): PluginAnswer {
  try {
    return read();
  } catch (error) {
    throw isGatechartError(error) ? error : protocolError(`it is no ${name}: ${messageOf(error)}`, error);
  }
}

function protocolError(problem: string, cause?: unknown): GatechartError {
  return new GatechartError('PROTOCOL_ERROR', `An answer is malformed: ${problem}`, { cause });
}
