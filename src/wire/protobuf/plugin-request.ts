import { isRecord } from '../../json/records.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { PluginMethod } from './plugin-messages.js';
import type { WireContext } from '../context-codec.js';
import type { Decoded } from '../wire-issue.js';
import { requestContext, structOf, writeContext } from './context-message.js';
import { metricsMessage } from './denial-metrics.js';
import { decodeMessage, encodeMessage, tagOf, types } from './descriptor.js';
import type { HookRequest } from './plugin-call.js';
import { type MessageWriter, writeMessage } from './message-writer.js';
import { withStructWriter } from './struct-writer.js';
import { readUsualRequest } from './usual-messages.js';

/** What a client asks of a plugin server. */
export type PluginRequest =
  | ({ readonly kind: 'hook'; readonly context: Decoded<WireContext> } & Omit<HookRequest, 'context'>)
  /** It is a hook call, but what it carries cannot be read. */
  | { readonly kind: 'unreadable'; readonly pluginName: string; readonly problem: string }
  | { readonly kind: 'config'; readonly name: string }
  | { readonly kind: 'configs' };

/**
 * Tells what a frame asks for, by trial, because frames do not say: a hook call if a hook and a plugin are named, else a
 * configuration if a name is there, else all configurations if there is hardly anything. Undefined if it is none of them.
 */
export function readFrame(bytes: Uint8Array): PluginRequest | undefined {
  const usual = readUsual(bytes);
  if (usual !== undefined) return usual;
  try {
    const hook = decodeMessage(types.invokeHookRequest, bytes);
    if (hook['hook_type'] && hook['plugin_name']) return readHook(hook);
  } catch {
    // Not a hook call.
  }
  try {
    const config = readConfig(bytes);
    if (config.name !== '') return config;
    if (bytes.length <= 2) return { kind: 'configs' };
  } catch {
    // Not a name either.
  }
  return undefined;
}

/** Reads a request of which the method is known. @throws GatechartError PROTOCOL_ERROR */
export function readRequest(method: PluginMethod, bytes: Uint8Array): PluginRequest {
  try {
    if (method === 'InvokeHook') return readUsual(bytes) ?? readHook(decodeMessage(types.invokeHookRequest, bytes));
    if (method === 'GetPluginConfig') return readConfig(bytes);
    types.getPluginConfigsRequest.decode(bytes);
    return { kind: 'configs' };
  } catch (error) {
    throw new GatechartError('PROTOCOL_ERROR', `The request is no ${method}Request: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function readUsual(bytes: Uint8Array): PluginRequest | undefined {
  const usual = readUsualRequest(bytes);
  if (usual === undefined) return undefined;
  const { hookName, pluginName, payload, context } = usual;
  return { kind: 'hook', hookName, pluginName, payload, context: { ok: true, value: context } };
}

function readHook(message: Document): PluginRequest {
  const { hook_type: hookName = '', plugin_name: pluginName = '' } = message;
  try {
    return {
      kind: 'hook',
      hookName: String(hookName),
      pluginName: String(pluginName),
      payload: structOf(message, 'payload') ?? {},
      context: { ok: true, value: requestContext(message['context']) },
    };
  } catch (error) {
    return { kind: 'unreadable', pluginName: String(pluginName), problem: messageOf(error) };
  }
}

function readConfig(bytes: Uint8Array): PluginRequest & { kind: 'config' } {
  const { name = '' }: Record<string, unknown> = decodeMessage(types.getPluginConfigRequest, bytes);
  return { kind: 'config', name: String(name) };
}

type Document = Readonly<Record<string, unknown>>;

/** @throws GatechartError PAYLOAD_INVALID, PAYLOAD_TOO_LARGE */
export function encodeConfig(config: Document | undefined): Uint8Array {
  return withStructWriter((writer) =>
    encodeMessage(
      types.getPluginConfigResponse,
      config === undefined ? {} : { found: true, config: writer.write(config, 'config', 0) },
    ),
  );
}

/** @throws GatechartError PAYLOAD_INVALID, PAYLOAD_TOO_LARGE */
export function encodeConfigs(configs: readonly Document[]): Uint8Array {
  return withStructWriter((writer) =>
    encodeMessage(types.getPluginConfigsResponse, {
      configs: configs.map((config, index) => writer.write(config, `configs[${index}]`, 0)),
    }),
  );
}

const answerTags = {
  pluginName: tagOf('InvokeHookResponse', 'plugin_name'),
  result: tagOf('InvokeHookResponse', 'result'),
  context: tagOf('InvokeHookResponse', 'context'),
  error: tagOf('InvokeHookResponse', 'error'),
  base: tagOf('InvokeHookResponse', 'result_base'),
};

/**
 * The answer to a hook call, from its JSON form.
 *
 * @param isStrict refuses what JSON cannot say
 * @throws GatechartError PAYLOAD_INVALID (names the path) if something cannot be sent unchanged, PAYLOAD_TOO_LARGE
 */
export function encodeHookAnswer(answer: Document, isStrict = false): Uint8Array {
  const { plugin_name: pluginName, result, context, error } = answer;
  const write = (writer: MessageWriter): void => {
    if (isRecord(result)) writeMetrics(result, writer);
    if (isRecord(error)) writer.encoded(encodeError(error), answerTags.error);
    if (isRecord(context)) writeContext(context, answerTags.context, writer);
    if (isRecord(result)) writer.object(withoutMetrics(result), answerTags.result, 'result', 0);
    if (typeof pluginName === 'string') writer.textIfAny(pluginName.toWellFormed(), answerTags.pluginName);
  };
  return writeMessage('InvokeHookResponse', write, isStrict);
}

/** Numbers about a denial go beside the result. */
function writeMetrics({ denial_metadata: metrics }: Document, writer: MessageWriter): void {
  if (!isRecord(metrics)) return;
  const base = { denial_metadata: metricsMessage(metrics) };
  writer.encoded(encodeMessage(types.pluginResultBase, base), answerTags.base);
}

function withoutMetrics(result: Document): Document {
  if (result['denial_metadata'] === undefined) return result;
  const { denial_metadata: _metrics, ...body } = result;
  return body;
}

function encodeError({ details, ...fields }: Document): Uint8Array {
  const plain = wellFormedTexts(fields);
  if (!isRecord(details)) return encodeMessage(types.pluginError, plain);
  return withStructWriter((writer) =>
    encodeMessage(types.pluginError, { ...plain, details: writer.write(details, 'error.details', 1) }),
  );
}

/** What UTF-8 cannot carry of a failure is replaced: it is there to be read by people. */
function wellFormedTexts(fields: Document): Document {
  const texts = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.toWellFormed() : value,
  ]);
  return Object.fromEntries(texts);
}

/** The answer to a frame that is none of the three requests. */
export function encodeUnknown(): Uint8Array {
  return encodeMessage(types.invokeHookResponse, {
    error: { message: 'Unknown message type', code: 'UNKNOWN_MESSAGE' },
  });
}
