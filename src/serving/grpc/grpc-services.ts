import type { MethodDefinition, sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';
import { asBytes, methodPath, packageNames } from '../../wire/protobuf/grpc-packages.js';
import { pluginMethods } from '../../wire/protobuf/plugin-messages.js';
import type { GrpcCalls } from './grpc-calls.js';
import type { GrpcHealth } from './grpc-health.js';

/** Adds the plugin service and the health service under every name that clients look for. */
export function addPluginServices(server: Server, calls: GrpcCalls, health: GrpcHealth): void {
  for (const name of packageNames) {
    for (const method of pluginMethods) {
      const handler = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void =>
        void calls.answer(method, call, callback);
      server.addService({ [method]: definition(methodPath(name, method)) }, { [method]: handler });
    }
    server.addService({ Check: definition(`/${name}.Health/Check`) }, { Check: health.check });
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
