import type { GlobalContext } from '../../context/global-context.js';
import { isEmpty, isRecord } from '../../json/records.js';
import type { WireContext } from '../context-codec.js';
import { requireWellFormed } from './well-formed.js';
import { decodeStruct } from './struct-reader.js';
import type { StructWriter } from './struct-writer.js';

type Document = Readonly<Record<string, unknown>>;

/**
 * The context of a request or an answer as a PluginContext. Empty objects are left out, as ContextForge does.
 * `user_context` and `content_type` have no field to go into.
 */
export function contextMessage(context: Document, writer: StructWriter): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  const global = context['global_context'];
  if (isRecord(global)) message['global_context'] = globalMessage(global, writer);
  putStruct(message, 'state', context['state'], writer, 'context', 1);
  putStruct(message, 'metadata', context['metadata'], writer, 'context', 1);
  return message;
}

function globalMessage(global: Document, writer: StructWriter): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const name of ['request_id', 'server_id', 'tenant_id']) {
    const text = global[name];
    if (typeof text === 'string') message[name] = requireWellFormed(text, `context.global_context.${name}`);
  }
  const { user } = global;
  if (typeof user === 'string') message['user_string'] = requireWellFormed(user, 'context.global_context.user');
  else if (isRecord(user)) message['user_struct'] = writer.write(user, 'context.global_context.user', 2);
  putStruct(message, 'metadata', global['metadata'], writer, 'context.global_context', 2);
  putStruct(message, 'state', global['state'], writer, 'context.global_context', 2);
  return message;
}

function putStruct(
  message: Record<string, unknown>,
  name: string,
  value: unknown,
  writer: StructWriter,
  path: string,
  depth: number,
): void {
  if (!isRecord(value) || isEmpty(value)) return;
  const bytes = writer.write(value, `${path}.${name}`, depth);
  // What holds nothing that JSON has is as good as empty.
  if (bytes.length > 0) message[name] = bytes;
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

/** A Struct of a decoded message that may come in parts, read; undefined where it is absent. */
export function structInParts(message: Document, name: string): Record<string, unknown> | undefined {
  const parts: unknown = Object.hasOwn(message, name) ? message[name] : undefined;
  if (!Array.isArray(parts)) return undefined;
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  const [first] = bytes;
  if (first === undefined) return undefined;
  return decodeStruct(bytes.length === 1 ? first : Buffer.concat(bytes));
}

/** A Struct of a decoded message, read; undefined where it is absent. */
export function structOf(message: Document, name: string): Record<string, unknown> | undefined {
  const bytes = Object.hasOwn(message, name) ? message[name] : undefined;
  return bytes instanceof Uint8Array ? decodeStruct(bytes) : undefined;
}
