import { type Client, type ClientUnaryCall, connectivityState, type ServiceError, status } from '@grpc/grpc-js';
import { setImmediate } from 'node:timers/promises';
import { Slots } from '../actors/slots.js';
import { messageOf } from '../errors.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { Clock } from '../time/clock.js';
import { asBytes, methodPath, noMetadata, type PackageMemory, type PackageName, statusName } from './grpc-packages.js';
import type { PluginAnswer, PluginCall } from './plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from './transport.js';

/** Milliseconds that a server's deadline is later than ours, so that ours decides what is reported. */
const deadlineSlackMs = 250;

/** Milliseconds that requests in flight get to be answered on a connection that the server ends. */
const drainMs = 10_000;

/**
 * - `open`: takes requests.
 * - `draining`: the server ended the connection, or the network did. Nothing is sent any more; what is in flight comes to
 *   an end of its own, an answer if the server closes gracefully.
 * - `closed`: nothing is in flight.
 */
type GrpcLinkPhase = 'open' | 'draining' | 'closed';

/** Requests over one HTTP/2 connection, each with its own stream. It ends with the connection. */
export class GrpcLink implements Link<PluginCall, PluginAnswer> {
  readonly closed: Promise<LinkClosed>;
  readonly #client: Client;
  readonly #packages: PackageMemory;
  readonly #clock: Clock;
  /** Cuts off one request each. */
  readonly #inFlight = new Slots<(reason: string) => void>();
  #phase: GrpcLinkPhase = 'open';
  #whenDrained: (() => void)[] = [];
  #announce!: (closed: LinkClosed) => void;

  /** @param client one that is connected */
  constructor(client: Client, packages: PackageMemory, clock: Clock) {
    this.#client = client;
    this.#packages = packages;
    this.#clock = clock;
    this.closed = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.#watch();
  }

  async request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted) throw new LinkError('notSent', 'the request was given up');
    const name = this.#packages.current;
    const answer = await this.#ask(call, name, signal).catch((error: unknown) => {
      throw fateOf(error, signal);
    });
    try {
      return call.read(answer);
    } catch (problem) {
      throw new LinkError('refused', messageOf(problem), { cause: problem });
    }
  }

  /** Asks under one package name, and under the other if the server does not know the first. */
  async #ask(call: PluginCall, name: PackageName, signal: CancelSignal): Promise<Uint8Array> {
    try {
      return await this.#send(call, name, signal);
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
      return this.#send(call, this.#packages.next(name), signal);
    }
  }

  /** Cuts off what is in flight, unless the server ended the connection: then it waits for it, for 10 seconds at most. */
  async close(): Promise<void> {
    if (this.#phase === 'draining') await this.#drained();
    this.#end();
    // The client gives no sign when its sockets are gone; it destroys them in the turn in which its calls have ended.
    await setImmediate();
  }

  #send(call: PluginCall, name: PackageName, signal: CancelSignal): Promise<Uint8Array> {
    if (this.#phase !== 'open') return Promise.reject(new LinkError('notSent', 'the link is closed'));
    return new Promise((resolve, reject) => {
      let unary: ClientUnaryCall | undefined;
      let slot: number | undefined;
      const settle = (act: () => void): void => {
        // A request that was cut off still hears from the client library.
        if (slot === undefined) return;
        this.#inFlight.remove(slot);
        slot = undefined;
        signal.removeEventListener('abort', abandon);
        act();
        if (this.#inFlight.size === 0) for (const resolveDrained of this.#whenDrained.splice(0)) resolveDrained();
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
        methodPath(name, call.method),
        asBytes,
        (bytes: Buffer) => bytes,
        call.bytes,
        noMetadata,
        { deadline: Date.now() + call.timeoutMs + deadlineSlackMs },
        (error, answer) => {
          settle(() => {
            if (error !== null) return reject(error);
            this.#packages.settle(name);
            resolve(answer ?? Buffer.alloc(0));
          });
        },
      );
    });
  }

  /** A client would reconnect by itself; here that is for the connection machine to decide. */
  #watch(): void {
    const channel = this.#client.getChannel();
    const state = channel.getConnectivityState(false);
    if (state !== connectivityState.READY) return this.#lose();
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
      if (this.#phase === 'open') this.#watch();
    });
  }

  #lose(): void {
    this.#phase = 'draining';
    this.#announce({ error: new Error('the connection to the server was lost') });
    // A closed client sends nothing any more, and leaves the streams that are open to their end.
    this.#client.close();
  }

  #drained(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(resolve, drainMs);
      timer.ref?.();
      this.#whenDrained.push(() => {
        this.#clock.clearTimeout(timer);
        resolve();
      });
    });
  }

  #end(): void {
    const phase = this.#phase;
    if (phase === 'closed') return;
    this.#phase = 'closed';
    this.#announce({});
    if (phase === 'draining')
      return this.#cutOff(`no answer within ${drainMs / 1000} s after the server ended the connection`);
    this.#cutOff('the link was closed');
    this.#client.close();
  }

  #cutOff(reason: string): void {
    for (const cutOff of this.#inFlight) cutOff(reason);
  }
}

function isUnimplemented(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNIMPLEMENTED;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

/** The words of the client library for a request that has not left it. */
const neverLeft = ['No connection established', 'Channel closed before call started'];

/** What a status says about the request; other errors are already what they should be. */
function fateOf(error: unknown, signal: CancelSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!isServiceError(error)) return error;
  const message = `gRPC status ${statusName(error.code)}: ${error.details}`;
  const cause = error;
  switch (error.code) {
    case status.UNAVAILABLE:
      return new LinkError(neverLeft.some((words) => error.details.startsWith(words)) ? 'notSent' : 'cutOff', message, {
        cause,
      });
    case status.CANCELLED:
      return new LinkError('cutOff', message, { cause });
    default:
      return new LinkError('refused', message, { cause });
  }
}
