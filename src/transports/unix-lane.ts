import type { Socket } from 'node:net';
import { GatechartError, messageOf } from '../errors.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import type { PluginAnswer } from './plugin-messages.js';
import { LinkError } from './transport.js';
import type { UnixRequest } from './unix-request.js';

/**
 * - `open`: takes requests.
 * - `retiring`: a request was given up. Nothing is sent any more; those that were sent before it still get their
 *   answers, and then the connection ends, before the answer that nobody wants could be taken for another's.
 * - `closed`: the socket is destroyed.
 */
type LanePhase = 'open' | 'retiring' | 'closed';

export interface LaneEvents {
  /** There may be room for a request. */
  onRoom(): void;
  /** A request was given up, so the lane takes no more. */
  onRetire(lane: UnixLane): void;
  /** The other side closed the connection, which owed nothing: servers do that to quiet ones. */
  onDropped(lane: UnixLane): void;
  /** The connection ended by itself while it owed answers, or the other side broke the protocol. */
  onLost(lane: UnixLane, error: Error): void;
}

/** One connection. Answers come in the order of the requests, so the oldest request is the one that is answered. */
export class UnixLane {
  /** Settles when the socket is gone. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #events: LaneEvents;
  readonly #maxInFlight: number;
  readonly #reader = new FrameReader((frame) => this.#answer(frame));
  readonly #writer: FrameWriter;
  #inFlight: UnixRequest[] = [];
  #phase: LanePhase = 'open';

  constructor(socket: Socket, maxInFlight: number, events: LaneEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#maxInFlight = maxInFlight;
    this.#writer = new FrameWriter(socket);
    let failure: Error | undefined;
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
        if (failure === undefined && this.#phase === 'open' && this.#inFlight.length === 0) this.#drop();
        else this.#lose(failure ?? new Error('the other side closed the connection'));
      });
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('drain', () => events.onRoom());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** True while it takes requests, though there may be no room for any. */
  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** How many more requests may be sent now. */
  get room(): number {
    return this.#phase === 'open' && !this.#socket.writableNeedDrain ? this.#maxInFlight - this.#inFlight.length : 0;
  }

  send(request: UnixRequest): void {
    this.#inFlight.push(request);
    this.#writer.write(request.call.bytes);
  }

  /** Nobody waits for a request's answer any more. Requests behind it are cut off. False if it is not here. */
  giveUp(request: UnixRequest): boolean {
    const position = this.#inFlight.indexOf(request);
    if (position < 0) return false;
    const behind = this.#inFlight.splice(position).slice(1);
    const phase = this.#phase;
    if (position === 0) this.#end();
    else this.#phase = 'retiring';
    const error = new LinkError('cutOff', 'a request before it was given up, which ends the connection they shared');
    for (const other of behind) other.failed(error);
    if (phase === 'open') this.#events.onRetire(this);
    return true;
  }

  /** Ends the connection and cuts off what is in flight. */
  close(reason = new Error('the link was closed')): void {
    if (this.#phase === 'closed') return;
    this.#end();
    const cause = reason;
    for (const request of this.#inFlight.splice(0)) request.failed(new LinkError('cutOff', reason.message, { cause }));
  }

  #end(): void {
    this.#phase = 'closed';
    this.#socket.destroy();
  }

  #drop(): void {
    this.#end();
    this.#events.onDropped(this);
  }

  #lose(error: Error): void {
    if (this.#phase === 'closed') return;
    this.close(error);
    this.#events.onLost(this, error);
  }

  #read(chunk: Buffer): void {
    if (this.#phase === 'closed') return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(messageOf(error)));
    }
    if (this.#phase !== 'open') return;
    if (this.#inFlight.length === 0 && this.#reader.isInFrame) this.#refuseUnasked();
    // Not before everything that has come is read: it cannot answer what is sent from here on.
    else this.#events.onRoom();
  }

  #refuseUnasked(): void {
    this.#lose(new GatechartError('PROTOCOL_ERROR', 'The server sent an answer that nobody had asked for'));
  }

  /** False when the connection has ended with this. */
  #answer(frame: Buffer): boolean {
    const request = this.#inFlight.shift();
    if (request === undefined) {
      this.#refuseUnasked();
      return false;
    }
    let answer: PluginAnswer;
    try {
      answer = request.call.read(frame);
    } catch (error) {
      // The request was answered, though not with an answer; those behind it cannot trust what comes next.
      request.failed(new LinkError('refused', messageOf(error), { cause: error }));
      this.#lose(error instanceof Error ? error : new Error(messageOf(error)));
      return false;
    }
    request.answered(answer);
    if (this.#phase === 'open') return true;
    if (this.#inFlight.length === 0) this.#end();
    return this.#inFlight.length > 0;
  }
}
