import { isRecord } from '../../json/records.js';
import protobuf from 'protobufjs/light.js';
import { GatechartError } from '../../errors.js';
import { maxMessageBytes } from '../framing/message-size.js';

// A Struct stands here as bytes, which look the same on the wire: the struct codec reads and writes what is in them.
const struct = 'bytes';

const explicit = { features: { field_presence: 'EXPLICIT' } };

/** Every message by name, every field as `[number, type]`; a list ends in `[]`. Names are those of the JSON wire. */
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
  // Field 5, result_base, says again what is in the result; nobody reads it.
  InvokeHookResponse: {
    plugin_name: [1, 'string'],
    result: [2, struct],
    context: [3, 'PluginContext'],
    error: [4, 'PluginError'],
  },
  GlobalContext: {
    request_id: [1, 'string'],
    server_id: [2, 'string'],
    tenant_id: [3, 'string'],
    user_string: [4, 'string'],
    user_struct: [5, struct],
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
    const described: Record<string, protobuf.IField> = {};
    for (const [field, [id, type]] of Object.entries(fields)) {
      if (type.endsWith('[]')) described[field] = { id, type: type.slice(0, -2), rule: 'repeated' };
      // An empty Struct is not an absent one; neither is an empty member of a oneof.
      else if (type === struct || field.startsWith('user_')) described[field] = { id, type, options: explicit };
      else described[field] = { id, type };
    }
    nested[message] = { fields: described };
  }
  return { nested };
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
  healthCheckRequest: root.lookupType('HealthCheckRequest'),
  healthCheckResponse: root.lookupType('HealthCheckResponse'),
} as const;

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
  else if (bytes.length > maxMessageBytes) {
    throw new GatechartError(
      'PAYLOAD_TOO_LARGE',
      `${type.name}: found a message of ${bytes.length} bytes, expected at most ${maxMessageBytes}, the most that one message may have on this transport`,
    );
  }
  return bytes;
}
