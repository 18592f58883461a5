import { isRecord } from '../names.js';
import { decodeStruct } from './struct-reader.js';
import type { StructWriter } from './struct-writer.js';

type Document = Readonly<Record<string, unknown>>;

/**
 * The context of a request or an answer as a PluginContext. Empty objects are left out, as the reference does.
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
  for (const name of ['request_id', 'server_id', 'tenant_id'])
    if (typeof global[name] === 'string') message[name] = global[name];
  const { user } = global;
  if (typeof user === 'string') message['user_string'] = user;
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
  if (!isRecord(value)) return;
  const bytes = writer.write(value, `${path}.${name}`, depth);
  if (bytes.length > 0) message[name] = bytes;
}

/** The context that a request came with, as JSON has it. What is absent is empty. */
export function requestContext(message: unknown): Record<string, unknown> {
  const context = isRecord(message) ? message : {};
  const given = isRecord(context['global_context']) ? context['global_context'] : {};
  const global: Record<string, unknown> = { request_id: textOf(given, 'request_id') ?? '' };
  // Proto3 does not tell an empty text from an absent one.
  for (const name of ['server_id', 'tenant_id']) {
    const text = textOf(given, name);
    if (text) global[name] = text;
  }
  const user = textOf(given, 'user_string') ?? structOf(given, 'user_struct');
  if (user !== undefined) global['user'] = user;
  global['state'] = structOf(given, 'state') ?? {};
  global['metadata'] = structOf(given, 'metadata') ?? {};
  return {
    global_context: global,
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

/** A Struct of a decoded message, read; undefined where it is absent. */
export function structOf(message: Document, name: string): Record<string, unknown> | undefined {
  const bytes = Object.hasOwn(message, name) ? message[name] : undefined;
  return bytes instanceof Uint8Array ? decodeStruct(bytes) : undefined;
}
