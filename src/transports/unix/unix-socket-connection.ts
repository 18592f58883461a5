import type { Socket } from 'node:net';
import { GatechartError, messageOf } from '../../errors.js';
import { FrameReader } from '../../wire/framing/frame-reader.js';
import { FrameWriter } from '../../wire/framing/frame-writer.js';
import { giveBack } from '../../wire/framing/message-memory.js';
import { LinkError } from '../transport.js';
import { SendWindow, type SendWindowSettings } from './send-window.js';
import { answerTooLarge } from './unix-errors.js';
import type { UnixRequest } from './unix-request.js';

/**
 * - `open`: takes requests.
 * - `retiring`: a request was given up, or answered with what cannot be read, or the connection of another one was lost.
 *   Nothing is sent any more; those that were sent before still get their answers, and then the connection ends, before an
 *   answer that nobody wants could be taken for another's.
 * - `closed`: the socket is destroyed.
 */
type SocketConnectionPhase = 'open' | 'retiring' | 'closed';

export interface SocketConnectionEvents {
  /** There may be room for a request. */
  onRoom(): void;
  /** Whether requests wait for room. */
  isWanted(): boolean;
  /** Whether the other side owes no answer on any connection. */
  isQuiet(): boolean;
  /** It takes no more requests, though it was not lost. */
  onRetire(): void;
  /** The connection, which owed nothing, is over: the other side closed it, as servers do with quiet ones, or spoke unasked. */
  onDropped(error: Error): void;
  /** The connection ended by itself while it owed answers, or the other side broke the protocol. */
  onLost(error: Error): void;
}

export interface SocketConnectionSettings extends SendWindowSettings {
  /** Bytes an answer may have. */
  readonly maxMessageBytes: number;
}

/** One connection. Answers come in the order of the requests, so the oldest request is the one that is answered. */
export class UnixSocketConnection {
  /** Settles when the socket is gone. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #settings: SocketConnectionSettings;
  readonly #events: SocketConnectionEvents;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #window: SendWindow;
  #inFlight: UnixRequest[] = [];
  #phase: SocketConnectionPhase = 'open';

  constructor(socket: Socket, settings: SocketConnectionSettings, events: SocketConnectionEvents) {
    this.#socket = socket;
    this.#settings = settings;
    this.#events = events;
    this.#window = new SendWindow(settings);
    const answer = (found: Buffer | number): boolean => this.#answer(found);
    this.#reader = new FrameReader(answer, { maxBytes: settings.maxMessageBytes, passOver: answer });
    this.#writer = new FrameWriter(socket);
    let failure: Error | undefined;
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
        if (failure === undefined && this.#phase === 'open' && this.#inFlight.length === 0)
          this.#drop(new Error('the other side closed the connection'));
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

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Whether one more request may be sent at all. */
  get hasRoom(): boolean {
    return (
      this.#phase === 'open' && this.#inFlight.length < this.#settings.maxInFlight && !this.#socket.writableNeedDrain
    );
  }

  /** Whether one more request may be sent without having to wait for others, as far as one can tell. */
  get isSwift(): boolean {
    return this.#inFlight.length < this.#window.size && this.hasRoom;
  }

  /** Milliseconds that the oldest request has waited for its answer; 0 without one. */
  waitedMs(now: number): number {
    return this.#inFlight.length === 0 ? 0 : this.#window.elapsedMs(now);
  }

  /** Whether what is sent now is held up, as far as one can tell from the answer that is due and from the last one. */
  isSlow(now: number): boolean {
    return this.#window.wasSlow || this.waitedMs(now) > this.#settings.slowMs;
  }

  /** Milliseconds without any request. */
  idleMs(now: number): number {
    return this.#inFlight.length === 0 ? this.#window.elapsedMs(now) : 0;
  }

  send(request: UnixRequest): void {
    const isAwaited = this.#events.isQuiet();
    if (this.#inFlight.length === 0) this.#window.begin();
    this.#inFlight.push(request);
    this.#writer.write(request.call.bytes, isAwaited);
  }

  /** Nobody waits for a request's answer any more. Requests behind it are cut off. False if it is not here. */
  giveUp(request: UnixRequest): boolean {
    const position = this.#inFlight.indexOf(request);
    if (position < 0) return false;
    const behind = this.#inFlight.splice(position).slice(1);
    const error = new LinkError('cutOff', 'a request before it was given up, which ends the connection they shared');
    const wasOpen = this.isOpen;
    if (position === 0) this.#end();
    else this.#phase = 'retiring';
    for (const other of behind) other.failed(error);
    if (wasOpen) this.#events.onRetire();
    return true;
  }

  /** Takes no more requests, and ends when those in flight have their answers. */
  retire(): void {
    if (this.#phase !== 'open') return;
    if (this.#inFlight.length === 0) this.#end();
    else this.#phase = 'retiring';
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

  #drop(error: Error): void {
    this.#end();
    this.#events.onDropped(error);
  }

  #lose(error: Error): void {
    if (this.#phase === 'closed') return;
    this.close(error);
    this.#events.onLost(error);
  }

  #read(chunk: Buffer): void {
    if (this.#phase === 'closed') return;
    const [inFlight, now] = [this.#inFlight.length, this.#settings.clock.now()];
    const wasFull = inFlight >= this.#window.size && this.#events.isWanted();
    const wasLate = this.waitedMs(now) > this.#settings.slowMs;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(messageOf(error)));
    }
    const count = inFlight - this.#inFlight.length;
    if (count > 0) this.#window.learn({ count, wasFull, wasLate }, now);
    if (this.#phase !== 'open') return;
    if (this.#inFlight.length === 0 && this.#reader.isInFrame) this.#refuseUnasked();
    // Not before everything that has come is read: it cannot answer what is sent from here on.
    else this.#events.onRoom();
  }

  #refuseUnasked(): void {
    this.#drop(new GatechartError('PROTOCOL_ERROR', 'The server sent an answer that nobody had asked for'));
  }

  /** Settles the oldest request with a frame, or with the length of one that is too large; false when the connection has ended with this. */
  #answer(found: Buffer | number): boolean {
    const request = this.#inFlight.shift();
    if (request === undefined) {
      this.#refuseUnasked();
      return false;
    }
    try {
      if (typeof found === 'number') request.failed(answerTooLarge(found, this.#settings.maxMessageBytes));
      else request.answered(request.call.read(found));
      // A server that answers what it has not read yet is not sent the bytes of another request instead.
      if (this.#writer.isDone) giveBack(request.call.bytes);
    } catch (error) {
      // It was answered, though not with an answer. Those behind it get what comes, but nothing more is sent here.
      request.failed(new LinkError('refused', messageOf(error), { cause: error }));
      if (this.#phase === 'open') {
        this.#phase = 'retiring';
        this.#events.onRetire();
      }
    }
    if (this.#phase === 'open') return true;
    if (this.#inFlight.length === 0) this.#end();
    return this.#inFlight.length > 0;
  }
}
