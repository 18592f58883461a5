import { isRecord } from '../../json/records.js';
import protobuf from 'protobufjs/light.js';
import { GatechartError } from '../../errors.js';
import { maxMessageBytes } from '../framing/message-size.js';

// A Struct stands here as bytes, which look the same on the wire: the struct codec reads and writes what is in them.
const struct = 'bytes';

const explicit = { features: { field_presence: 'EXPLICIT' } };

/**
 * Every message by name, every field as `[number, type]`: a list ends in `[]`, a member of a oneof in `?`, and the keys of
 * a map are strings. Names are those of the JSON wire.
 */
const messages: Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>> = {
  GetPluginConfigRequest: { name: [1, 'string'] },
  GetPluginConfigResponse: { found: [1, 'bool'], config: [2, struct] },
  GetPluginConfigsRequest: {},
  GetPluginConfigsResponse: { configs: [1, `${struct}[]`] },
  InvokeHookRequest: {
    hook_type: [1, 'string'],
    plugin_name: [2, 'string'],
    payload: [3, struct],
    context: [4, 'PluginContext'],
  },
  InvokeHookResponse: {
    plugin_name: [1, 'string'],
    // Whoever sends it in parts means all of them.
    result: [2, `${struct}[]`],
    context: [3, 'PluginContext'],
    error: [4, 'PluginError'],
    result_base: [5, 'PluginResultBase'],
  },
  // The first three say again what is in the result, or are left out: they are read where the result does not say.
  PluginResultBase: {
    continue_processing: [1, 'bool'],
    violation: [2, 'PluginViolation'],
    metadata: [3, struct],
    denial_metadata: [4, 'DenialMetadata'],
  },
  PluginViolation: {
    reason: [1, 'string'],
    description: [2, 'string'],
    code: [3, 'string'],
    plugin_name: [4, 'string'],
    details: [5, struct],
    mcp_error_code: [6, 'int32'],
  },
  // A DenialMetric stands here as bytes as well: its integers have 64 bits.
  DenialMetadata: { fields: [1, 'map<bytes>'] },
  GlobalContext: {
    request_id: [1, 'string'],
    server_id: [2, 'string'],
    tenant_id: [3, 'string'],
    user_string: [4, 'string?'],
    user_struct: [5, `${struct}?`],
    metadata: [6, struct],
    state: [7, struct],
  },
  PluginContext: { global_context: [1, 'GlobalContext'], state: [2, struct], metadata: [3, struct] },
  PluginError: {
    message: [1, 'string'],
    plugin_name: [2, 'string'],
    code: [3, 'string'],
    details: [4, struct],
    mcp_error_code: [5, 'int32'],
  },
  HealthCheckRequest: { service: [1, 'string'] },
  HealthCheckResponse: { status: [1, 'int32'] },
};

function describe(): protobuf.INamespace {
  const nested: Record<string, protobuf.IType> = {};
  for (const [message, fields] of Object.entries(messages)) {
    const described = Object.entries(fields).map(([field, [id, type]]) => [field, describeField(id, type)] as const);
    nested[message] = { fields: Object.fromEntries(described) };
  }
  return { nested };
}

function describeField(id: number, type: string): protobuf.IField | protobuf.IMapField {
  const [, valueType] = /^map<(.+)>$/.exec(type) ?? [];
  if (valueType !== undefined) return { id, keyType: 'string', type: valueType };
  if (type.endsWith('[]')) return { id, type: type.slice(0, -2), rule: 'repeated' };
  // An empty Struct is not an absent one; neither is an empty member of a oneof.
  if (type === struct || type.endsWith('?')) return { id, type: type.replace('?', ''), options: explicit };
  return { id, type };
}

const root = protobuf.Root.fromJSON(describe()).resolveAll();

/** The message types. */
export const types = {
  getPluginConfigRequest: root.lookupType('GetPluginConfigRequest'),
  getPluginConfigResponse: root.lookupType('GetPluginConfigResponse'),
  getPluginConfigsRequest: root.lookupType('GetPluginConfigsRequest'),
  getPluginConfigsResponse: root.lookupType('GetPluginConfigsResponse'),
  invokeHookRequest: root.lookupType('InvokeHookRequest'),
  invokeHookResponse: root.lookupType('InvokeHookResponse'),
  pluginError: root.lookupType('PluginError'),
  pluginResultBase: root.lookupType('PluginResultBase'),
  healthCheckRequest: root.lookupType('HealthCheckRequest'),
  healthCheckResponse: root.lookupType('HealthCheckResponse'),
} as const;

/** What is in front of a field that is a text, a message or bytes. @throws if the message has no such field */
export function tagOf(message: string, field: string): number {
  const described = root.lookupType(message).fields[field];
  if (described === undefined) throw new Error(`${message} has no field ${field}`);
  return (described.id << 3) | 2;
}

/** Reads a message's fields; those that are absent have their defaults on the prototype. @throws on malformed bytes */
export function decodeMessage(type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> {
  const message: unknown = type.decode(bytes);
  return isRecord(message) ? message : {};
}

/** Bytes of a message up to which the writer's buffer is kept for the next one. */
const keptBytes = 64 * 1024;

let kept: protobuf.Writer | undefined;

/**
 * Writes a message. One writer serves all: a new one for each would cost two buffers a message.
 *
 * @throws GatechartError PAYLOAD_TOO_LARGE
 */
export function encodeMessage(type: protobuf.Type, fields: Readonly<Record<string, unknown>>): Uint8Array {
  const writer = kept?.reset() ?? protobuf.Writer.create();
  // One that throws is in an unknown state and not used again.
  kept = undefined;
  const bytes = type.encode(fields, writer).finish();
  if (bytes.length <= keptBytes) kept = writer;
  else requireSendable(type.name, bytes.length);
  return bytes;
}

/** @param name of the message @throws GatechartError PAYLOAD_TOO_LARGE */
export function requireSendable(name: string, bytes: number): void {
  if (bytes <= maxMessageBytes) return;
  throw new GatechartError(
    'PAYLOAD_TOO_LARGE',
    `${name}: found a message of ${bytes} bytes, expected at most ${maxMessageBytes}, the most that one message may have on this transport`,
  );
}
