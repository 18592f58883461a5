import type { GrpcClientConfig } from '../config/sections/grpc-client.js';
import type { ConnectionSet, ShareConnection } from '../connection/connection-set.js';
import { createGrpcTransport } from '../transports/grpc/grpc-transport.js';
import type { Logger } from '../observability/logger.js';
import type { PluginAnswer, PluginCall } from '../wire/protobuf/plugin-messages.js';
import { ExternalPlugin, type ExternalPluginEntry } from './external-plugin.js';
import { ProtobufCodec } from './protobuf-codec.js';
import type { ProtobufPlugin } from './unix-plugin.js';

export interface GrpcPluginDependencies extends ExternalPluginEntry {
  readonly server: GrpcClientConfig;
  readonly connections: Pick<ConnectionSet, 'open'>;
  readonly share: ShareConnection<PluginCall, PluginAnswer> | undefined;
  readonly logger: Logger;
}

/** Configurations say nothing of it for gRPC. */
const reconnects = { reconnectAttempts: 3, reconnectDelayMs: 100 };

/** A plugin behind gRPC. Its connection opens on the first call; see {@link ExternalPlugin.start}. */
export function openGrpcPlugin({
  server,
  connections,
  share,
  logger,
  ...entry
}: GrpcPluginDependencies): ProtobufPlugin {
  const { replay, reconnectWindowMs, ...address } = server;
  const { name } = entry.config;
  const transport = createGrpcTransport({ name, ...address, logger });
  const reconnectSettings = { ...reconnects, ...(reconnectWindowMs !== undefined && { reconnectWindowMs }) };
  const connection = connections.open(name, transport, reconnectSettings, share);
  return new ExternalPlugin({ ...entry, connection, codec: new ProtobufCodec(), replay });
}
