import type { FrameRefusal, FrameRequest, FrameService, RpcService } from '../serving/message-service.js';
import type { TraceParent } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';
import { busyCode } from '../serving/server-load.js';
import { packageNames, serviceName } from '../wire/protobuf/grpc-packages.js';
import { pluginMethods } from '../wire/protobuf/plugin-messages.js';
import { encodeUnknown, type PluginRequest, readFrame, readRequest } from '../wire/protobuf/plugin-request.js';
import { encodeFailedCall, MessageCalls } from './message-calls.js';
import type { ToolCallsDependencies } from './tool-calls.js';

/** The plugin messages as gRPC carries them: under every package name, each with the health service of its own. */
export function rpcService(dependencies: ToolCallsDependencies): RpcService {
  const calls = new MessageCalls(dependencies);
  return {
    names: packageNames.map(serviceName),
    methods: Object.fromEntries(
      pluginMethods.map((method) => [method, (bytes) => new PluginMessage(calls, readRequest(method, bytes))]),
    ),
    healthNames: packageNames.map((name) => `${name}.Health`),
  };
}

/** The plugin messages as a Unix socket carries them: without the name of the method. */
export function frameService(dependencies: ToolCallsDependencies): FrameService {
  const calls = new MessageCalls(dependencies);
  return {
    read: (frame) => {
      const request = readFrame(frame);
      return request && new PluginMessage(calls, request);
    },
    refuse: (refusal) => encodeRefusal('', refusal),
  };
}

class PluginMessage implements FrameRequest {
  readonly #calls: MessageCalls;
  readonly #request: PluginRequest;

  constructor(calls: MessageCalls, request: PluginRequest) {
    this.#calls = calls;
    this.#request = request;
  }

  answer(signal: CancelSignal, traceParent?: TraceParent): Promise<Uint8Array> {
    return this.#calls.answer(this.#request, signal, traceParent);
  }

  refuse(refusal: FrameRefusal): Uint8Array {
    return encodeRefusal('pluginName' in this.#request ? this.#request.pluginName : '', refusal);
  }
}

function encodeRefusal(plugin: string, refusal: FrameRefusal): Uint8Array {
  switch (refusal.kind) {
    case 'unknown':
      return encodeUnknown();
    case 'tooLarge':
      return encodeFailedCall(plugin, { message: refusal.message, code: 'MESSAGE_TOO_LARGE' });
    case 'busy':
      return encodeFailedCall(plugin, { message: refusal.message, code: 'SERVER_BUSY', mcpErrorCode: busyCode });
    case 'failed':
      return encodeFailedCall(plugin, { message: refusal.message });
  }
}
