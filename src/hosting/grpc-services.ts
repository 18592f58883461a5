import type { MethodDefinition, sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import { asBytes, methodPath, packageNames } from '../transports/grpc-packages.js';
import { type PluginMethod, pluginMethods } from '../transports/plugin-messages.js';
import { type PluginRequest, readRequest } from '../wire/protobuf/plugin-request.js';
import { Caller } from './caller.js';
import type { GrpcHealth } from './grpc-health.js';
import type { MessageCalls } from './message-calls.js';

export interface GrpcServicesParts {
  readonly calls: MessageCalls;
  readonly health: GrpcHealth;
  readonly logger: Logger;
}

/** Adds the plugin service and the health service under every name that clients look for. */
export function addPluginServices(server: Server, { calls, health, logger }: GrpcServicesParts): void {
  for (const name of packageNames) {
    for (const method of pluginMethods) {
      const handler = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void =>
        void answer(calls, method, call, callback, logger);
      server.addService({ [method]: definition(methodPath(name, method)) }, { [method]: handler });
    }
    server.addService({ Check: definition(`/${name}.Health/Check`) }, { Check: health.check });
  }
  server.addService(
    { Check: definition('/grpc.health.v1.Health/Check'), Watch: definition('/grpc.health.v1.Health/Watch', true) },
    { Check: health.standardCheck, Watch: health.standardWatch },
  );
}

async function answer(
  calls: MessageCalls,
  method: PluginMethod,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
  logger: Logger,
): Promise<void> {
  let request: PluginRequest;
  try {
    request = readRequest(method, call.request);
  } catch (error) {
    return callback({ code: status.INVALID_ARGUMENT, details: messageOf(error) });
  }
  const caller = new Caller();
  // Also when the client's deadline has passed.
  call.once('cancelled', () => caller.leave(new Error('the client does not wait any more')));
  try {
    callback(null, asBytes(await calls.answer(request, caller)));
  } catch (error) {
    logger.error({ error: messageOf(error) }, `a ${method} request could not be answered`);
    callback({ code: status.INTERNAL, details: messageOf(error) });
  }
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
