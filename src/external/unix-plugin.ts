import type { UnixSocketClientConfig } from '../config/plugin-config.js';
import type { Connection } from '../connection/connection-api.js';
import type { Clock } from '../time/clock.js';
import type { PluginAnswer, PluginCall } from '../wire/protobuf/plugin-messages.js';
import type { Transport } from '../transports/transport.js';
import { createUnixTransport } from '../transports/unix/unix-transport.js';
import { ExternalPlugin, type ExternalPluginEntry } from './external-plugin.js';
import { ProtobufCodec } from './protobuf-codec.js';

/** Puts a transport behind a connection machine. */
export type Connect = (
  transport: Transport<PluginCall, PluginAnswer>,
  settings: Pick<UnixSocketClientConfig, 'reconnectAttempts' | 'reconnectDelayMs' | 'reconnectWindowMs'>,
) => Connection<PluginCall, PluginAnswer>;

export type ProtobufPlugin = ExternalPlugin<PluginCall, PluginAnswer>;

export interface UnixPluginParts extends ExternalPluginEntry {
  readonly server: UnixSocketClientConfig;
  readonly connect: Connect;
  readonly clock: Clock;
}

/** A plugin behind a Unix socket. It opens its connection on the first call; see {@link ExternalPlugin.start}. */
export function openUnixPlugin({ server, connect, clock, ...parts }: UnixPluginParts): ProtobufPlugin {
  const transport = createUnixTransport({ path: server.path, connections: server.connections, clock });
  const { timeoutMs, replay } = server;
  const connection = connect(transport, server);
  return new ExternalPlugin({ ...parts, connection, codec: new ProtobufCodec(), timeoutMs, replay });
}
