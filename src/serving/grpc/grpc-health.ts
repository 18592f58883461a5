import { type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import { asBytes } from '../../wire/protobuf/as-bytes.js';
import { decodeMessage, encodeMessage, types } from '../../wire/protobuf/descriptor.js';

const serving = 1;
const notServing = 2;
const serviceUnknown = 3;

type Watcher = ServerWritableStream<Buffer, Buffer>;

/** Says whether the server takes calls: the standard health service, and `Check` for a service's own. */
export class GrpcHealth {
  /** Full names of services. An empty one stands for the whole server. */
  readonly #services: ReadonlySet<string>;
  /** Those who watch a service that is not here hear nothing more of it. */
  readonly #watchers = new Map<Watcher, 'known' | 'unknown'>();
  #status = serving;

  constructor(services: readonly string[]) {
    this.#services = new Set(['', ...services]);
  }

  /** Says the same of every service, whatever it is asked about. */
  readonly check = (_call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    callback(null, answer(this.#status));
  };

  /** `/grpc.health.v1.Health/Check` */
  readonly standardCheck = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    if (this.#isKnown(call.request)) callback(null, answer(this.#status));
    else callback({ code: status.NOT_FOUND, details: 'there is no such service here' });
  };

  /** `/grpc.health.v1.Health/Watch` */
  readonly standardWatch = (call: Watcher): void => {
    const known = this.#isKnown(call.request);
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

  #isKnown(request: Buffer): boolean {
    try {
      const { service = '' } = decodeMessage(types.healthCheckRequest, request);
      return this.#services.has(String(service));
    } catch {
      return false;
    }
  }
}

function answer(state: number): Buffer {
  return asBytes(encodeMessage(types.healthCheckResponse, { status: state }));
}
