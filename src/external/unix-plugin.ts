import type { UnixSocketClientConfig } from '../config/plugin-config.js';
import type { Connection } from '../connection/connection-api.js';
import type { PluginAnswer, PluginCall } from '../transports/plugin-messages.js';
import type { Transport } from '../transports/transport.js';
import { createUnixTransport } from '../transports/unix-transport.js';
import { ProtobufPlugin, type ProtobufPluginParts } from './protobuf-plugin.js';

/** Puts a transport behind a connection machine. */
export type Connect = (
  transport: Transport<PluginCall, PluginAnswer>,
  settings: { readonly reconnectAttempts: number; readonly reconnectDelayMs: number },
) => Connection<PluginCall, PluginAnswer>;

export interface UnixPluginParts extends Pick<ProtobufPluginParts, 'config' | 'hookOf' | 'mergeConfig'> {
  readonly server: UnixSocketClientConfig;
  readonly connect: Connect;
}

/** A plugin behind a Unix socket. It opens its connection on the first call; see {@link ProtobufPlugin.start}. */
export function openUnixPlugin({ server, connect, ...parts }: UnixPluginParts): ProtobufPlugin {
  const transport = createUnixTransport({ path: server.path, connections: server.connections });
  const { timeoutMs, replay } = server;
  return new ProtobufPlugin({ ...parts, connection: connect(transport, server), timeoutMs, replay });
}
