import type { MethodDefinition, sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';
import { asBytes } from '../../wire/protobuf/as-bytes.js';
import type { RpcService } from '../message-service.js';
import type { GrpcCalls } from './grpc-calls.js';
import type { GrpcHealth } from './grpc-health.js';

/** Adds a service and the health services under every name that clients look for. */
export function addServices(server: Server, service: RpcService, calls: GrpcCalls, health: GrpcHealth): void {
  for (const name of service.names) {
    for (const [method, read] of Object.entries(service.methods)) {
      const handler = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void =>
        void calls.answer(method, read, call, callback);
      server.addService({ [method]: definition(`/${name}/${method}`) }, { [method]: handler });
    }
  }
  for (const name of service.healthNames) {
    server.addService({ Check: definition(`/${name}/Check`) }, { Check: health.check });
  }
  server.addService(
    { Check: definition('/grpc.health.v1.Health/Check'), Watch: definition('/grpc.health.v1.Health/Watch', true) },
    { Check: health.standardCheck, Watch: health.standardWatch },
  );
}

function definition(path: string, responseStream = false): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  };
}
