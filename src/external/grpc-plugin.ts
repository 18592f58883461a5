import type { GrpcClientConfig } from '../config/plugin-config.js';
import { createGrpcTransport } from '../transports/grpc-transport.js';
import type { Clock } from '../time/clock.js';
import { ProtobufPlugin, type ProtobufPluginParts } from './protobuf-plugin.js';
import type { Connect } from './unix-plugin.js';

export interface GrpcPluginParts extends Pick<ProtobufPluginParts, 'config' | 'hookOf' | 'mergeConfig'> {
  readonly server: GrpcClientConfig;
  readonly connect: Connect;
  readonly clock: Clock;
}

/** As the reference: configurations say nothing of it for gRPC. */
const reconnects = { reconnectAttempts: 3, reconnectDelayMs: 1000 };

/** A plugin behind gRPC. It opens its connection on the first call; see {@link ProtobufPlugin.start}. */
export function openGrpcPlugin({ server, connect, clock, ...parts }: GrpcPluginParts): ProtobufPlugin {
  const { replay, ...address } = server;
  const transport = createGrpcTransport({ name: parts.config.name, ...address, clock });
  return new ProtobufPlugin({ ...parts, connection: connect(transport, reconnects), replay });
}
