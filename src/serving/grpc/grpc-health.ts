import { type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import { asBytes, packageNames } from '../../wire/protobuf/grpc-packages.js';
import { decodeMessage, encodeMessage, types } from '../../wire/protobuf/descriptor.js';

const serving = 1;
const notServing = 2;
const serviceUnknown = 3;

type Watcher = ServerWritableStream<Buffer, Buffer>;

/** Says whether the server takes calls: the standard health service, and the one of the reference. */
export class GrpcHealth {
  /** Those who watch a service that is not here hear nothing more of it. */
  readonly #watchers = new Map<Watcher, 'known' | 'unknown'>();
  #status = serving;

  /** `/<package>.Health/Check`: says the same of every service, as the reference does. */
  readonly check = (_call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    callback(null, answer(this.#status));
  };

  /** `/grpc.health.v1.Health/Check` */
  readonly standardCheck = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    if (isKnown(call.request)) callback(null, answer(this.#status));
    else callback({ code: status.NOT_FOUND, details: 'there is no such service here' });
  };

  /** `/grpc.health.v1.Health/Watch` */
  readonly standardWatch = (call: Watcher): void => {
    const known = isKnown(call.request);
    call.write(answer(known ? this.#status : serviceUnknown));
    this.#watchers.set(call, known ? 'known' : 'unknown');
    for (const event of ['cancelled', 'close', 'error']) call.on(event, () => this.#watchers.delete(call));
  };

  /** Tells everybody that no more calls are taken. */
  drain(): void {
    this.#status = notServing;
    for (const [watcher, service] of this.#watchers) {
      if (service === 'known') watcher.write(answer(notServing));
      watcher.end();
    }
    this.#watchers.clear();
  }
}

const known = new Set(['', ...packageNames.map((name) => `${name}.PluginService`)]);

function isKnown(request: Buffer): boolean {
  try {
    const { service = '' } = decodeMessage(types.healthCheckRequest, request);
    return known.has(String(service));
  } catch {
    return false;
  }
}

function answer(state: number): Buffer {
  return asBytes(encodeMessage(types.healthCheckResponse, { status: state }));
}
