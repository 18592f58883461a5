import type { Socket } from 'node:net';
import { GatechartError } from '../../errors.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from '../transport.js';
import { UnixLanes, type LanesSettings } from './unix-lanes.js';
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
  readonly closed: Promise<LinkClosed>;
  readonly retiring: Promise<void>;
  readonly #connect: LanesSettings['connect'];
  readonly #lanes: UnixLanes;
  readonly #maxMessageBytes: number;
  readonly #waiting = new Set<UnixRequest>();
  #announce!: (closed: LinkClosed) => void;
  #announceRetiring!: () => void;
  #ended: Promise<void> | undefined;

  constructor(first: Socket, settings: LanesSettings) {
    this.#connect = settings.connect;
    this.#maxMessageBytes = settings.maxMessageBytes;
    this.closed = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.retiring = new Promise((resolve) => {
      this.#announceRetiring = resolve;
    });
    this.#lanes = new UnixLanes(first, settings, {
      onRoom: () => this.#pump(),
      isWanted: () => this.#waiting.size > 0,
      onRetire: (error) => this.#retire(error),
      onEnded: (error) => void this.#end({ error }),
    });
  }

  request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted || this.#lanes.isOver) {
      return Promise.reject(new LinkError('notSent', 'the request was given up, or the link is closed'));
    }
    if (call.bytes.length > this.#maxMessageBytes) return Promise.reject(this.#tooLarge(call.bytes.length));
    const request = new UnixRequest(call, signal, this.#giveUp);
    const lane = this.#waiting.size === 0 ? this.#lanes.pick() : undefined;
    if (lane === undefined) {
      this.#waiting.add(request);
      this.#lanes.want(this.#waiting.size);
    } else lane.send(request);
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
      const lane = this.#lanes.pick();
      if (lane === undefined) return this.#lanes.want(this.#waiting.size);
      this.#waiting.delete(request);
      lane.send(request);
    }
  }

  readonly #giveUp = (request: UnixRequest): void => {
    if (!this.#waiting.delete(request)) this.#lanes.giveUp(request);
  };

  #end(closed: LinkClosed): Promise<void> {
    if (this.#ended === undefined) {
      // The owner hears of it before the requests are rejected, so that none of them asks for this link again.
      this.#announce(closed);
      const reason = closed.error ?? new Error('the link was closed');
      this.#ended = this.#lanes.close(reason);
      this.#refuseWaiting(reason);
    }
    return this.#ended;
  }

  #retire(reason: Error): void {
    this.#announceRetiring();
    this.#refuseWaiting(reason);
  }

  #refuseWaiting(reason: Error): void {
    for (const request of this.#waiting) request.failed(new LinkError('notSent', reason.message, { cause: reason }));
    this.#waiting.clear();
  }

  #tooLarge(bytes: number): LinkError {
    const limit = this.#maxMessageBytes;
    const message = `the request has ${bytes} bytes, a message may have ${limit}; it was not sent`;
    const cause = new GatechartError('MESSAGE_TOO_LARGE', message, { details: { bytes, limit } });
    return new LinkError('refused', message, { cause });
  }
}
