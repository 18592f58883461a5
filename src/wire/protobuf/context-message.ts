import type { GlobalContext } from '../../context/global-context.js';
import { isRecord } from '../../json/records.js';
import type { WireContext } from '../context-codec.js';
import { tagOf } from './descriptor.js';
import { requireWellFormed } from './well-formed.js';
import type { SentMessage } from './sent-texts.js';
import { decodeStruct } from './struct-reader.js';
import type { MessageWriter } from './message-writer.js';

type Document = Readonly<Record<string, unknown>>;

export const contextTags = {
  global: tagOf('PluginContext', 'global_context'),
  state: tagOf('PluginContext', 'state'),
  metadata: tagOf('PluginContext', 'metadata'),
};

export const globalTags = {
  request_id: tagOf('GlobalContext', 'request_id'),
  server_id: tagOf('GlobalContext', 'server_id'),
  tenant_id: tagOf('GlobalContext', 'tenant_id'),
  userString: tagOf('GlobalContext', 'user_string'),
  userStruct: tagOf('GlobalContext', 'user_struct'),
  metadata: tagOf('GlobalContext', 'metadata'),
  state: tagOf('GlobalContext', 'state'),
};

/**
 * Writes the context of a request or an answer, a PluginContext, as a field of a message. Empty objects are left out, as
 * ContextForge does. `user_context` and `content_type` have no field to go into.
 */
export function writeContext(context: Document, tag: number, writer: MessageWriter): void {
  const end = writer.at;
  writer.objectIfAny(context['metadata'], contextTags.metadata, 'context.metadata', 1);
  writer.objectIfAny(context['state'], contextTags.state, 'context.state', 1);
  const global = context['global_context'];
  if (isRecord(global)) writeGlobal(global, writer);
  writer.close(end, tag);
}

function writeGlobal(global: Document, writer: MessageWriter): void {
  const end = writer.at;
  writer.objectIfAny(global['state'], globalTags.state, 'context.global_context.state', 2);
  writer.objectIfAny(global['metadata'], globalTags.metadata, 'context.global_context.metadata', 2);
  const { user } = global;
  if (typeof user === 'string')
    writer.text(requireWellFormed(user, 'context.global_context.user'), globalTags.userString);
  else if (isRecord(user)) writer.object(user, globalTags.userStruct, 'context.global_context.user', 2);
  else writer.checkUnsent(user, 'context.global_context.user');
  writeText(global, 'tenant_id', writer);
  writeText(global, 'server_id', writer);
  writeText(global, 'request_id', writer);
  writer.close(end, contextTags.global);
}

function writeText(global: Document, name: 'request_id' | 'server_id' | 'tenant_id', writer: MessageWriter): void {
  const text = global[name];
  if (typeof text === 'string')
    writer.textIfAny(requireWellFormed(text, `context.global_context.${name}`), globalTags[name]);
}

/** The context that a request came with. What is absent is empty. */
export function requestContext(message: unknown): WireContext {
  const context = isRecord(message) ? message : {};
  const given = isRecord(context['global_context']) ? context['global_context'] : {};
  const globalContext: GlobalContext = {
    requestId: textOf(given, 'request_id') ?? '',
    state: structOf(given, 'state') ?? {},
    metadata: structOf(given, 'metadata') ?? {},
  };
  // Proto3 does not tell an empty text from an absent one.
  const serverId = textOf(given, 'server_id');
  if (serverId) globalContext.serverId = serverId;
  const tenantId = textOf(given, 'tenant_id');
  if (tenantId) globalContext.tenantId = tenantId;
  const user = textOf(given, 'user_string') ?? structOf(given, 'user_struct');
  if (user !== undefined) globalContext.user = user;
  return {
    globalContext,
    state: structOf(context, 'state') ?? {},
    metadata: structOf(context, 'metadata') ?? {},
  };
}

/**
 * What an answer gives back: local state and metadata are empty where they are absent. An absent global state says
 * nothing, because one that was emptied cannot be sent.
 */
export function answerContext(message: unknown): Record<string, unknown> | undefined {
  if (!isRecord(message)) return undefined;
  const global = isRecord(message['global_context']) ? structOf(message['global_context'], 'state') : undefined;
  return {
    state: structOf(message, 'state') ?? {},
    metadata: structOf(message, 'metadata') ?? {},
    ...(global !== undefined && { global_context: { state: global } }),
  };
}

function textOf(message: Document, name: string): string | undefined {
  const text = Object.hasOwn(message, name) ? message[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/**
 * A Struct of a decoded message that may come in parts, read; undefined where it is absent.
 *
 * @param sent the message that it is the answer to
 */
export function structInParts(
  message: Document,
  name: string,
  sent: SentMessage | undefined,
): Record<string, unknown> | undefined {
  const parts: unknown = Object.hasOwn(message, name) ? message[name] : undefined;
  if (!Array.isArray(parts)) return undefined;
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  const [first] = bytes;
  if (first === undefined) return undefined;
  return decodeStruct(bytes.length === 1 ? first : Buffer.concat(bytes), sent);
}

/** A Struct of a decoded message, read; undefined where it is absent. */
export function structOf(message: Document, name: string): Record<string, unknown> | undefined {
  const bytes = Object.hasOwn(message, name) ? message[name] : undefined;
  return bytes instanceof Uint8Array ? decodeStruct(bytes) : undefined;
}
