import type { Socket } from 'node:net';
import type { PluginAnswer, PluginCall } from './plugin-messages.js';
import { type Link, type LinkClosed, LinkError, type RequestOptions } from './transport.js';
import { UnixLane } from './unix-lane.js';
import { pingSocket } from './unix-ping.js';
import { UnixRequest } from './unix-request.js';

export interface UnixLinkParts {
  /** The connections, one for every lane. */
  readonly sockets: readonly Socket[];
  /** Opens one more, in place of one that is gone. */
  readonly reopen: (signal: AbortSignal) => Promise<Socket>;
  /** Requests on one connection that are not answered yet. */
  readonly maxInFlight: number;
}

/**
 * Spreads requests over connections to one server. What finds no room waits here, and has not been sent then.
 *
 * A request that is given up costs its connection, which is replaced at once. A quiet connection that the server closes is
 * replaced when there are requests again: a server that closes whatever is opened must not be asked over and over. The
 * link ends with its last connection, or when one ends that owes answers; the connection machine decides what then.
 */
export class UnixLink implements Link<PluginCall, PluginAnswer> {
  readonly closed: Promise<LinkClosed>;
  readonly #parts: UnixLinkParts;
  readonly #ended = new AbortController();
  /** Open lanes, and retiring ones that still owe answers. */
  readonly #lanes = new Set<UnixLane>();
  readonly #waiting = new Set<UnixRequest>();
  readonly #reopening = new Set<Promise<void>>();
  /** Connections that are gone, to be replaced with the next request. */
  #missing = 0;
  #announce!: (closed: LinkClosed) => void;

  constructor(parts: UnixLinkParts) {
    this.#parts = parts;
    this.closed = new Promise((resolve) => {
      this.#announce = resolve;
    });
    for (const socket of parts.sockets) this.#add(socket);
  }

  request(call: PluginCall, { signal }: RequestOptions): Promise<PluginAnswer> {
    if (signal.aborted || this.#ended.signal.aborted) {
      return Promise.reject(new LinkError('notSent', 'the request was given up, or the link is closed'));
    }
    if (this.#missing > 0) this.#restore();
    const request = new UnixRequest(call, signal, this.#giveUp);
    const lane = this.#waiting.size === 0 ? this.#roomiest() : undefined;
    if (lane === undefined) this.#waiting.add(request);
    else lane.send(request);
    return request.answer;
  }

  /** On a connection of its own: answers come in the order of the requests, and one that is slow would hold it up. */
  async ping(signal: AbortSignal): Promise<void> {
    await pingSocket(await this.#parts.reopen(signal), signal);
  }

  async close(): Promise<void> {
    this.#end({});
    await Promise.all([...this.#lanes].map((lane) => lane.gone));
    await Promise.all(this.#reopening);
  }

  #add(socket: Socket): void {
    const lane = new UnixLane(socket, this.#parts.maxInFlight, {
      onRoom: () => this.#pump(),
      onRetire: () => this.#replace(),
      onDropped: () => this.#miss(new Error('the other side closed the connection')),
      onLost: (_lane, error) => this.#end({ error }),
    });
    this.#lanes.add(lane);
    void lane.gone.then(() => this.#lanes.delete(lane));
  }

  #roomiest(): UnixLane | undefined {
    let roomiest: UnixLane | undefined;
    let most = 0;
    for (const lane of this.#lanes) {
      const { room } = lane;
      if (room > most) {
        roomiest = lane;
        most = room;
      }
    }
    return roomiest;
  }

  #pump(): void {
    for (const request of this.#waiting) {
      const lane = this.#roomiest();
      if (lane === undefined) return;
      this.#waiting.delete(request);
      lane.send(request);
    }
  }

  readonly #giveUp = (request: UnixRequest): void => {
    if (this.#waiting.delete(request)) return;
    for (const lane of this.#lanes) if (lane.giveUp(request)) return;
  };

  #replace(): void {
    if (this.#ended.signal.aborted) return;
    const reopening = this.#parts.reopen(this.#ended.signal).then(
      (socket) => {
        this.#add(socket);
        this.#pump();
      },
      (error: Error) => {
        this.#reopening.delete(reopening);
        this.#miss(error);
      },
    );
    this.#reopening.add(reopening);
    void reopening.then(() => this.#reopening.delete(reopening));
  }

  /** Goes on with the connections that are left, if there are any. */
  #miss(error: Error): void {
    if (this.#reopening.size === 0 && ![...this.#lanes].some((lane) => lane.isOpen)) return this.#end({ error });
    this.#missing++;
  }

  #restore(): void {
    for (; this.#missing > 0; this.#missing--) this.#replace();
  }

  #end(closed: LinkClosed): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new Error('the link was closed'));
    // The owner hears of it before the requests are rejected, so that none of them asks for this link again.
    this.#announce(closed);
    const reason = closed.error ?? new Error('the link was closed');
    for (const lane of this.#lanes) lane.close(reason);
    for (const request of this.#waiting) request.failed(new LinkError('notSent', reason.message, { cause: reason }));
    this.#waiting.clear();
  }
}
