import { type Client, type ClientUnaryCall, connectivityState, Metadata, status } from '@grpc/grpc-js';
import { setImmediate } from 'node:timers/promises';
import { FreeList } from '../../actors/free-list.js';
import { messageOf } from '../../errors.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { longestDurationMs } from '../../time/duration.js';
import { outcomeOf, isServiceError, isUnimplemented, tooLargeToSend } from './grpc-outcome.js';
import { asBytes } from '../../wire/protobuf/as-bytes.js';
import { methodPath, type PackageName } from '../../wire/protobuf/grpc-packages.js';
import type { PackageMemory } from './package-memory.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from '../transport.js';

const noMetadata = new Metadata();

/** Milliseconds that a server's deadline is later than ours, so that ours decides what is reported. */
const deadlineSlackMs = 250;

/** Further off, a server is told of no deadline: the wire rounds it up, and then its timers may not hold it any more. */
const longestToldMs = longestDurationMs - 60 * 60 * 1000;

/** Turns of the event loop in which the requests on a connection fail that was cut: the client library takes two. */
const turnsToFail = 4;

/**
 * - `open`: takes requests.
 * - `leaving`: the client library has let go of the connection, and does not say why. Nothing is sent any more.
 * - `retiring`: the server ended it gracefully: requests in flight go on for as long as they want to.
 * - `closed`: nothing is in flight.
 */
type GrpcLinkPhase = 'open' | 'leaving' | 'retiring' | 'closed';

/** Requests over one HTTP/2 connection, each with its own stream. It ends with the connection. */
export class GrpcLink implements Link<PluginCall, PluginAnswer> {
  readonly closed: Promise<LinkClosed>;
  readonly retiring: Promise<void>;
  readonly #client: Client;
  readonly #packages: PackageMemory;
  /** Cuts off one request each. */
  readonly #inFlight = new FreeList<(reason: string) => void>();
  #phase: GrpcLinkPhase = 'open';
  /** Settles when it is known why the connection is left. */
  readonly #decided: Promise<void>;
  #decide!: () => void;
  #announce!: (closed: LinkClosed) => void;
  #announceRetiring!: () => void;

  /** @param client one that is connected */
  constructor(client: Client, packages: PackageMemory) {
    this.#client = client;
    this.#packages = packages;
    this.closed = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.retiring = new Promise((resolve) => {
      this.#announceRetiring = resolve;
    });
    this.#decided = new Promise((resolve) => {
      this.#decide = resolve;
    });
    this.#watch();
  }

  async request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted) throw new LinkError('notSent', 'the request was given up');
    if (call.bytes.byteLength > maxMessageBytes) throw tooLargeToSend(call.bytes.byteLength);
    let answer: Uint8Array;
    try {
      answer = await this.#ask(call, signal);
    } catch (error) {
      // Whoever is told to ask again must find the connection machine knowing.
      if (this.#phase === 'leaving' && error instanceof LinkError && error.outcome === 'notSent') await this.#decided;
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

  /** Asks under one package name, and under the other if the server does not know the first. */
  async #ask(call: PluginCall, signal: CancelSignal): Promise<Uint8Array> {
    let name = this.#packages.current;
    let answer: Uint8Array;
    try {
      answer = await this.#askUnder(name, call, signal);
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
      // A plugin may say so too, and then it has run.
      if (call.method === 'InvokeHook' && (await this.#serves(name, signal))) throw error;
      name = this.#packages.next(name);
      answer = await this.#askUnder(name, call, signal);
    }
    this.#packages.settle(name);
    return answer;
  }

  #askUnder(name: PackageName, call: PluginCall, signal: CancelSignal): Promise<Uint8Array> {
    const toldMs = call.timeoutMs + deadlineSlackMs;
    const options = toldMs <= longestToldMs ? { deadline: Date.now() + toldMs } : {};
    return this.#send(methodPath(name, call.method), call.bytes, options, signal);
  }

  /** Whether the server has the service under this name. Asking for the configuration of no plugin changes nothing there. */
  async #serves(name: PackageName, signal: CancelSignal): Promise<boolean> {
    try {
      await this.#send(methodPath(name, 'GetPluginConfig'), Buffer.alloc(0), {}, signal);
      return true;
    } catch (error) {
      return !isUnimplemented(error);
    }
  }

  /** Settles with the bytes of the answer. Rejects with a LinkError, or with the signal's reason. */
  #send(path: string, bytes: Uint8Array, options: { deadline?: number }, signal: CancelSignal): Promise<Uint8Array> {
    if (this.#phase !== 'open') return Promise.reject(new LinkError('notSent', 'the link is closed'));
    return new Promise((resolve, reject) => {
      let unary: ClientUnaryCall | undefined;
      let slot: number | undefined;
      let answered = false;
      const settle = (act: () => void): void => {
        // A request that was cut off still hears from the client library.
        if (slot === undefined) return;
        this.#inFlight.remove(slot);
        slot = undefined;
        signal.removeEventListener('abort', abandon);
        act();
        if (this.#phase === 'retiring' && this.#inFlight.size === 0) this.#end('');
      };
      const abandon = (): void => {
        unary?.cancel();
        settle(() => reject(signal.reason));
      };
      slot = this.#inFlight.add((reason) => {
        unary?.cancel();
        settle(() => reject(new LinkError('cutOff', reason)));
      });
      signal.addEventListener('abort', abandon, { once: true });
      unary = this.#client.makeUnaryRequest(
        path,
        asBytes,
        (raw: Buffer) => raw,
        bytes,
        noMetadata,
        options,
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
    this.#announceRetiring();
    this.#decide();
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
    this.#announce(closed);
    this.#decide();
    for (const cutOff of this.#inFlight) cutOff(reason);
    if (wasOpen) this.#client.close();
  }
}
