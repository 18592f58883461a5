import type { UnixSocketClientConfig } from '../config/sections/unix-socket-client.js';
import type { ConnectionSet, ShareConnection } from '../connection/connection-set.js';
import type { Clock } from '../time/clock.js';
import type { PluginAnswer, PluginCall } from '../wire/protobuf/plugin-messages.js';
import { createUnixTransport } from '../transports/unix/unix-transport.js';
import { ExternalPlugin, type ExternalPluginEntry } from './external-plugin.js';
import { ProtobufCodec } from './protobuf-codec.js';

export type ProtobufPlugin = ExternalPlugin<PluginCall, PluginAnswer>;

export interface UnixPluginDependencies extends ExternalPluginEntry {
  readonly server: UnixSocketClientConfig;
  readonly connections: Pick<ConnectionSet, 'open'>;
  readonly share: ShareConnection<PluginCall, PluginAnswer> | undefined;
  readonly clock: Clock;
}

/** A plugin behind a Unix socket. Its connection opens on the first call; see {@link ExternalPlugin.start}. */
export function openUnixPlugin({
  server,
  connections,
  share,
  clock,
  ...entry
}: UnixPluginDependencies): ProtobufPlugin {
  const transport = createUnixTransport({ path: server.path, connections: server.connections, clock });
  const { timeoutMs, replay } = server;
  const connection = connections.open(entry.config.name, transport, server, share);
  return new ExternalPlugin({ ...entry, connection, codec: new ProtobufCodec(), timeoutMs, replay });
}
