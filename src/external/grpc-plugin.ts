import type { GrpcClientConfig } from '../config/plugin-config.js';
import { createGrpcTransport } from '../transports/grpc/grpc-transport.js';
import type { Logger } from '../observability/logger.js';
import { ExternalPlugin, type ExternalPluginEntry } from './external-plugin.js';
import { ProtobufCodec } from './protobuf-codec.js';
import type { Connect, ProtobufPlugin } from './unix-plugin.js';

export interface GrpcPluginParts extends ExternalPluginEntry {
  readonly server: GrpcClientConfig;
  readonly connect: Connect;
  readonly logger: Logger;
}

/** Configurations say nothing of it for gRPC. */
const reconnects = { reconnectAttempts: 3, reconnectDelayMs: 100 };

/** A plugin behind gRPC. It opens its connection on the first call; see {@link ExternalPlugin.start}. */
export function openGrpcPlugin({ server, connect, logger, ...parts }: GrpcPluginParts): ProtobufPlugin {
  const { replay, reconnectWindowMs, ...address } = server;
  const transport = createGrpcTransport({ name: parts.config.name, ...address, logger });
  const connection = connect(transport, {
    ...reconnects,
    ...(reconnectWindowMs !== undefined && { reconnectWindowMs }),
  });
  return new ExternalPlugin({ ...parts, connection, codec: new ProtobufCodec(), replay });
}
