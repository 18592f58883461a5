import { type Client, type ClientUnaryCall, connectivityState, type ServiceError, status } from '@grpc/grpc-js';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { CancelSignal } from '../time/cancellation.js';
import { asBytes, methodPath, noMetadata, type PackageMemory, type PackageName, statusName } from './grpc-packages.js';
import type { PluginAnswer, PluginCall } from './plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from './transport.js';

/** Milliseconds that a server's deadline is later than ours, so that ours decides what is reported. */
const deadlineSlackMs = 250;

/** Requests over one HTTP/2 connection, each with its own stream. It ends with the connection. */
export class GrpcLink implements Link<PluginCall, PluginAnswer> {
  readonly closed: Promise<LinkClosed>;
  readonly #client: Client;
  readonly #packages: PackageMemory;
  /** Cuts off one request each; undefined once the link has ended. */
  #inFlight: Set<() => void> | undefined = new Set();
  #announce!: (closed: LinkClosed) => void;

  /** @param client one that is connected */
  constructor(client: Client, packages: PackageMemory) {
    this.#client = client;
    this.#packages = packages;
    this.closed = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.#watch();
  }

  async request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted || this.#inFlight === undefined) {
      throw new LinkError('notSent', 'the request was given up, or the link is closed');
    }
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
      const other = isUnimplemented(error) ? this.#packages.next(name) : undefined;
      if (other === undefined) throw error;
      return this.#send(call, other, signal);
    }
  }

  async close(): Promise<void> {
    this.#end({});
    // The client gives no sign when its sockets are gone; it destroys them in the turn in which its calls have ended.
    await setImmediate();
  }

  #send(call: PluginCall, name: PackageName, signal: CancelSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let unary: ClientUnaryCall | undefined;
      const abandon = (): void => {
        unary?.cancel();
        settle(() => reject(signal.aborted ? signal.reason : new LinkError('cutOff', 'the link was closed')));
      };
      const settle = (act: () => void): void => {
        signal.removeEventListener('abort', abandon);
        this.#inFlight?.delete(abandon);
        act();
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.#inFlight?.add(abandon);
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
    if (state !== connectivityState.READY)
      return this.#end({ error: new Error('the connection to the server was lost') });
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
      if (this.#inFlight !== undefined) this.#watch();
    });
  }

  #end(closed: LinkClosed): void {
    const inFlight = this.#inFlight;
    if (inFlight === undefined) return;
    this.#inFlight = undefined;
    this.#announce(closed);
    for (const cutOff of inFlight) cutOff();
    this.#client.close();
  }
}

function isUnimplemented(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNIMPLEMENTED;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

/** What a status says about the request; other errors are already what they should be. */
function fateOf(error: unknown, signal: CancelSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!isServiceError(error)) return error;
  const message = `gRPC status ${statusName(error.code)}: ${error.details}`;
  const cause = error;
  switch (error.code) {
    case status.UNAVAILABLE:
      // The words of the client library for a request that has not left it.
      return new LinkError(error.details.startsWith('No connection established') ? 'notSent' : 'cutOff', message, {
        cause,
      });
    case status.CANCELLED:
      return new LinkError('cutOff', message, { cause });
    default:
      return new LinkError('refused', message, { cause });
  }
}
