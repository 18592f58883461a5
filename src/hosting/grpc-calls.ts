import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import { asBytes } from '../transports/grpc-packages.js';
import type { PluginMethod } from '../transports/plugin-messages.js';
import { type PluginRequest, readRequest } from '../wire/protobuf/plugin-request.js';
import { Caller } from './caller.js';
import type { MessageCalls } from './message-calls.js';
import type { ServerLoad, SessionLoad } from './server-load.js';

type Call = ServerUnaryCall<Buffer, Buffer>;

/** The calls of a gRPC server. */
export class GrpcCalls {
  readonly #calls: MessageCalls;
  readonly #load: ServerLoad;
  readonly #logger: Logger;
  /** By connection; only those that have calls running. */
  readonly #peers = new Map<string, SessionLoad>();
  #running = 0;
  #whenIdle: (() => void)[] = [];

  constructor(calls: MessageCalls, load: ServerLoad, logger: Logger) {
    this.#calls = calls;
    this.#load = load;
    this.#logger = logger;
  }

  /** Settles when no call is running. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Never rejects. */
  async answer(method: PluginMethod, call: Call, callback: sendUnaryData<Buffer>): Promise<void> {
    let request: PluginRequest;
    try {
      request = readRequest(method, call.request);
    } catch (error) {
      return callback({ code: status.INVALID_ARGUMENT, details: messageOf(error) });
    }
    const peer = call.getPeer();
    const bytes = call.request.length;
    const refusal = this.#admit(peer, bytes);
    if (refusal !== undefined) return callback({ code: status.RESOURCE_EXHAUSTED, details: refusal });
    const caller = new Caller();
    // Also when the client's deadline has passed.
    call.once('cancelled', () => caller.leave(new Error('the client does not wait any more')));
    try {
      callback(null, asBytes(await this.#calls.answer(request, caller)));
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, `a ${method} request could not be answered`);
      callback({ code: status.INTERNAL, details: messageOf(error) });
    } finally {
      this.#release(peer, bytes);
    }
  }

  /** Why there is no room for a call. */
  #admit(peer: string, bytes: number): string | undefined {
    const load = this.#peers.get(peer) ?? this.#load.open();
    const full = load.calls.take(1);
    if (full !== undefined) return this.#load.tooManyCalls(full);
    if (load.bytes.take(bytes) !== undefined) {
      load.calls.give(1);
      return this.#load.tooManyBytes();
    }
    this.#peers.set(peer, load);
    this.#running++;
    return undefined;
  }

  #release(peer: string, bytes: number): void {
    const load = this.#peers.get(peer);
    load?.bytes.give(bytes);
    load?.calls.give(1);
    if (load?.calls.held === 0) this.#peers.delete(peer);
    this.#running--;
    if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
