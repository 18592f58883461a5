import type { Socket } from 'node:net';
import { deferred } from '../../time/deferred.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from '../transport.js';
import { requestTooLarge } from './unix-errors.js';
import { type PoolSettings, UnixPool } from './unix-pool.js';
import { pingSocket } from './unix-ping.js';
import { UnixRequest } from './unix-request.js';

/**
 * Spreads requests over connections to one server. What finds no room waits here, and has not been sent then.
 *
 * A request that is given up costs its connection. A quiet connection that the server closes is not replaced before
 * requests need it: a server that closes whatever is opened must not be asked over and over. When one ends that owes
 * answers, nothing more is sent over the others either, and the link ends when they owe none; else it ends with its last
 * connection. The connection machine decides what then.
 */
export class UnixLink implements Link<PluginCall, PluginAnswer> {
  readonly #connect: PoolSettings['connect'];
  readonly #pool: UnixPool;
  readonly #maxMessageBytes: number;
  readonly #waiting = new Set<UnixRequest>();
  readonly #closed = deferred<LinkClosed>();
  readonly #retiring = deferred();
  #ended: Promise<void> | undefined;

  constructor(first: Socket, settings: PoolSettings) {
    this.#connect = settings.connect;
    this.#maxMessageBytes = settings.maxMessageBytes;
    this.#pool = new UnixPool(first, settings, {
      onRoom: () => this.#pump(),
      isWanted: () => this.#waiting.size > 0,
      onRetire: (error) => this.#retire(error),
      onEnded: (error) => void this.#end({ error }),
    });
  }

  get closed(): Promise<LinkClosed> {
    return this.#closed.promise;
  }

  get retiring(): Promise<void> {
    return this.#retiring.promise;
  }

  request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted || this.#pool.isOver) {
      return Promise.reject(new LinkError('notSent', 'the request was given up, or the link is closed'));
    }
    const { length } = call.bytes;
    if (length > this.#maxMessageBytes) return Promise.reject(requestTooLarge(length, this.#maxMessageBytes));
    const request = new UnixRequest(call, signal, this.#giveUp);
    const connection = this.#waiting.size === 0 ? this.#pool.pick() : undefined;
    if (connection === undefined) {
      this.#waiting.add(request);
      this.#pool.want(this.#waiting.size);
    } else connection.send(request);
    return request.answer;
  }

  /** On a connection of its own: answers come in the order of the requests, and one that is slow would hold it up. */
  async ping(signal: AbortSignal): Promise<void> {
    await pingSocket(await this.#connect(signal), signal);
  }

  close(): Promise<void> {
    return this.#end({});
  }

  #pump(): void {
    for (const request of this.#waiting) {
      const connection = this.#pool.pick();
      if (connection === undefined) return this.#pool.want(this.#waiting.size);
      this.#waiting.delete(request);
      connection.send(request);
    }
  }

  readonly #giveUp = (request: UnixRequest): void => {
    if (!this.#waiting.delete(request)) this.#pool.giveUp(request);
  };

  #end(closed: LinkClosed): Promise<void> {
    if (this.#ended === undefined) {
      // The owner hears of it before the requests are rejected, so that none of them asks for this link again.
      this.#closed.resolve(closed);
      const reason = closed.error ?? new Error('the link was closed');
      this.#ended = this.#pool.close(reason);
      this.#refuseWaiting(reason);
    }
    return this.#ended;
  }

  #retire(reason: Error): void {
    this.#retiring.resolve();
    this.#refuseWaiting(reason);
  }

  #refuseWaiting(reason: Error): void {
    for (const request of this.#waiting) request.failed(new LinkError('notSent', reason.message, { cause: reason }));
    this.#waiting.clear();
  }
}
