import type { GrpcClientConfig } from '../config/plugin-config.js';
import { createGrpcTransport } from '../transports/grpc-transport.js';
import type { Clock } from '../time/clock.js';
import { ExternalPlugin, type ExternalPluginEntry } from './external-plugin.js';
import { ProtobufCodec } from './protobuf-codec.js';
import type { Connect, ProtobufPlugin } from './unix-plugin.js';

export interface GrpcPluginParts extends ExternalPluginEntry {
  readonly server: GrpcClientConfig;
  readonly connect: Connect;
  readonly clock: Clock;
}

/** As the reference: configurations say nothing of it for gRPC. */
const reconnects = { reconnectAttempts: 3, reconnectDelayMs: 1000 };

/** A plugin behind gRPC. It opens its connection on the first call; see {@link ExternalPlugin.start}. */
export function openGrpcPlugin({ server, connect, clock, ...parts }: GrpcPluginParts): ProtobufPlugin {
  const { replay, ...address } = server;
  const transport = createGrpcTransport({ name: parts.config.name, ...address, clock });
  const connection = connect(transport, reconnects);
  return new ExternalPlugin({ ...parts, connection, codec: new ProtobufCodec(), replay });
}
