import { WaitGroup } from '../../time/wait-group.js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { messageOf } from '../../errors.js';
import type { TraceParent } from '../../observability/spans.js';
import { readTraceParent } from '../../observability/trace-parent.js';
import type { Logger } from '../../observability/logger.js';
import { asBytes } from '../../wire/protobuf/as-bytes.js';
import { excerpt } from '../../json/excerpt.js';
import { Cancellation } from '../../time/cancellation.js';
import type { Share } from '../fair-share.js';
import type { MessageRequest, ReadMessage } from '../message-service.js';
import type { ServerLoad, SessionLoad } from '../server-load.js';

type Call = ServerUnaryCall<Buffer, Buffer>;

/** Characters of a reason: it is sent as a header, and must be text that can be one. */
const longestReason = 1000;

/** The calls of a gRPC server. */
export class GrpcCalls {
  readonly #load: ServerLoad;
  readonly #logger: Logger;
  /** By connection, from its first call to its end. */
  readonly #peers = new Map<string, SessionLoad>();
  readonly #running = new WaitGroup();

  constructor(load: ServerLoad, logger: Logger) {
    this.#load = load;
    this.#logger = logger;
  }

  /** Settles when no call is running. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  /** Never rejects. */
  async answer(method: string, read: ReadMessage, call: Call, callback: sendUnaryData<Buffer>): Promise<void> {
    let request: MessageRequest;
    try {
      request = read(call.request);
    } catch (error) {
      return callback({ code: status.INVALID_ARGUMENT, details: reasonOf(error) });
    }
    const bytes = call.request.length;
    const load = this.#loadOf(call.getPeer());
    const refusal = this.#refusal(load, bytes);
    if (refusal !== undefined) return callback({ code: status.RESOURCE_EXHAUSTED, details: refusal });
    this.#running.add();
    const cancellation = new Cancellation();
    let heldBytes = bytes;
    // When the client is gone, when its deadline has passed, and also when the answer is handed over.
    call.once('cancelled', () => {
      cancellation.abort(new Error('the client does not wait any more'));
      giveBytes(load, heldBytes);
    });
    try {
      const answer = asBytes(await request.answer(cancellation, traceParentOf(call)));
      if (!cancellation.aborted) {
        load.bytes.add(answer.length);
        heldBytes += answer.length;
      }
      callback(null, answer);
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, `a ${method} request could not be answered`);
      callback({ code: status.INTERNAL, details: reasonOf(error) });
    } finally {
      load.calls.give(1);
      this.#running.done();
    }
  }

  /** The bytes that a connection holds here. */
  bytesOf(peer: string): Share {
    return this.#loadOf(peer).bytes;
  }

  /** A connection is gone, and with it all that it was sent. */
  leave(peer: string): void {
    const load = this.#peers.get(peer);
    if (load === undefined) return;
    this.#peers.delete(peer);
    giveBytes(load, load.bytes.held);
  }

  #loadOf(peer: string): SessionLoad {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const load = this.#load.open();
    this.#peers.set(peer, load);
    return load;
  }

  /** Why there is no room for a call. */
  #refusal(load: SessionLoad, bytes: number): string | undefined {
    const full = load.calls.take(1);
    if (full !== undefined) return this.#load.tooManyCalls(full);
    if (load.bytes.take(bytes) === undefined) return undefined;
    load.calls.give(1);
    return this.#load.tooManyBytes();
  }
}

function traceParentOf({ metadata }: Call): TraceParent | undefined {
  const [parent] = metadata.get('traceparent');
  return parent === undefined ? undefined : readTraceParent(parent, metadata.get('tracestate')[0]);
}

function reasonOf(error: unknown): string {
  return excerpt(messageOf(error), longestReason);
}

/** What a connection held that is gone was given back already. */
function giveBytes({ bytes }: SessionLoad, amount: number): void {
  bytes.give(Math.min(amount, bytes.held));
}
