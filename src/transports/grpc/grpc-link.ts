import { type Client, type ClientUnaryCall, connectivityState, Metadata, status } from '@grpc/grpc-js';
import { setImmediate } from 'node:timers/promises';
import { FreeList } from '../../actors/free-list.js';
import { messageOf } from '../../errors.js';
import type { TraceParent } from '../../observability/spans.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { deferred } from '../../time/deferred.js';
import { isServiceError, outcomeOf, tooLargeToSend } from './grpc-outcome.js';
import { asBytes } from '../../wire/protobuf/as-bytes.js';
import type { PackageMemory } from './package-memory.js';
import { PluginServiceClient, type SendOptions } from './plugin-service-client.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from '../transport.js';

const noMetadata = new Metadata();

function metadataOf(traceParent: TraceParent | undefined): Metadata {
  if (traceParent === undefined) return noMetadata;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(traceParent)) metadata.set(name, value);
  return metadata;
}

/** Turns of the event loop in which the requests on a connection fail that was cut: the client library takes two. */
const turnsToFail = 4;

/**
 * - `open`: takes requests.
 * - `leaving`: the client library has let go of the connection, and does not say why. Nothing is sent any more.
 * - `retiring`: the server ended it gracefully: requests in flight continue for as long as they want to.
 * - `closed`: nothing is in flight.
 */
type GrpcLinkPhase = 'open' | 'leaving' | 'retiring' | 'closed';

/** Requests over one HTTP/2 connection, each with its own stream. It ends with the connection. */
export class GrpcLink implements Link<PluginCall, PluginAnswer> {
  readonly #client: Client;
  readonly #service: PluginServiceClient;
  /** Cuts off one request each. */
  readonly #inFlight = new FreeList<(reason: string) => void>();
  #phase: GrpcLinkPhase = 'open';
  /** Settles when it is known why the connection is left. */
  readonly #decided = deferred();
  readonly #closed = deferred<LinkClosed>();
  readonly #retiring = deferred();

  /** @param client one that is connected */
  constructor(client: Client, packages: PackageMemory) {
    this.#client = client;
    this.#service = new PluginServiceClient((...request) => this.#send(...request), packages);
    this.#watch();
  }

  get closed(): Promise<LinkClosed> {
    return this.#closed.promise;
  }

  get retiring(): Promise<void> {
    return this.#retiring.promise;
  }

  async request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted) throw new LinkError('notSent', 'the request was given up');
    if (call.bytes.byteLength > maxMessageBytes) throw tooLargeToSend(call.bytes.byteLength);
    let answer: Uint8Array;
    try {
      answer = await this.#service.ask(call, signal);
    } catch (error) {
      // Whoever is told to ask again must find the connection machine knowing.
      if (this.#phase === 'leaving' && error instanceof LinkError && error.outcome === 'notSent')
        await this.#decided.promise;
      throw error;
    }
    try {
      return call.read(answer);
    } catch (problem) {
      throw new LinkError('refused', messageOf(problem), { cause: problem });
    }
  }

  /** Any status that comes from the server will do: it need not know what it is asked. */
  async ping(signal: AbortSignal): Promise<void> {
    try {
      await this.#send('/grpc.health.v1.Health/Check', Buffer.alloc(0), {}, signal);
    } catch (error) {
      if (!(error instanceof LinkError) || error.outcome !== 'refused') throw error;
      if (isServiceError(error.cause) && error.cause.code === status.DEADLINE_EXCEEDED) throw error;
    }
  }

  async close(): Promise<void> {
    this.#end('the link was closed');
    // The client gives no sign when its sockets are gone; it destroys them in the turn in which its calls have ended.
    await setImmediate();
  }

  /** Settles with the bytes of the answer. Rejects with a LinkError, or with the signal's reason. */
  #send(path: string, bytes: Uint8Array, options: SendOptions, signal: CancelSignal): Promise<Uint8Array> {
    const { deadline, traceParent } = options;
    if (this.#phase !== 'open') return Promise.reject(new LinkError('notSent', 'the link is closed'));
    return new Promise((resolve, reject) => {
      let unary: ClientUnaryCall | undefined;
      let index: number | undefined;
      let answered = false;
      const settle = (act: () => void): void => {
        // A request that was cut off still hears from the client library.
        if (index === undefined) return;
        this.#inFlight.remove(index);
        index = undefined;
        signal.removeEventListener('abort', abandon);
        act();
        if (this.#phase === 'retiring' && this.#inFlight.size === 0) this.#end('');
      };
      const abandon = (): void => {
        unary?.cancel();
        settle(() => reject(signal.reason));
      };
      index = this.#inFlight.add((reason) => {
        unary?.cancel();
        settle(() => reject(new LinkError('cutOff', reason)));
      });
      signal.addEventListener('abort', abandon, { once: true });
      unary = this.#client.makeUnaryRequest(
        path,
        asBytes,
        (raw: Buffer) => raw,
        bytes,
        metadataOf(traceParent),
        deadline === undefined ? {} : { deadline },
        (error, answer) => {
          settle(() => {
            if (error === null) return resolve(answer ?? Buffer.alloc(0));
            const failure = outcomeOf(error, { answered, open: this.#phase === 'open' });
            // The owner hears of it before its requests do, so that none of them asks for this link again.
            if (this.#phase === 'leaving' && failure.outcome === 'cutOff') this.#lose();
            reject(failure);
          });
        },
      );
      unary.once('metadata', () => {
        answered = true;
      });
    });
  }

  /** A client would reconnect by itself; here that is for the connection machine to decide. */
  #watch(): void {
    const channel = this.#client.getChannel();
    const state = channel.getConnectivityState(false);
    if (state !== connectivityState.READY) return void this.#leave();
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
      if (this.#phase === 'open') this.#watch();
    });
  }

  async #leave(): Promise<void> {
    this.#phase = 'leaving';
    // A closed client sends nothing any more, and leaves the streams that are open to their end.
    this.#client.close();
    for (let turn = 0; turn < turnsToFail; turn++) await setImmediate();
    if (this.#phase !== 'leaving') return;
    this.#phase = 'retiring';
    this.#retiring.resolve();
    this.#decided.resolve();
    if (this.#inFlight.size === 0) this.#end('');
  }

  #lose(): void {
    const reason = 'the connection to the server was lost';
    this.#end(reason, { error: new Error(reason) });
  }

  #end(reason: string, closed: LinkClosed = {}): void {
    if (this.#phase === 'closed') return;
    const wasOpen = this.#phase === 'open';
    this.#phase = 'closed';
    this.#closed.resolve(closed);
    this.#decided.resolve();
    for (const cutOff of this.#inFlight) cutOff(reason);
    if (wasOpen) this.#client.close();
  }
}
