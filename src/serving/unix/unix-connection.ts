import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { Socket } from 'node:net';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { Deadline, type Deadlines } from '../../time/deadlines.js';
import { FrameReader, type Passed } from '../../wire/framing/frame-reader.js';
import { FrameWriter } from '../../wire/framing/frame-writer.js';
import { Cancellation } from '../../time/cancellation.js';
import type { FrameRefusal, FrameService } from '../message-service.js';
import type { ServerLoad, SessionLoad } from '../server-load.js';

export interface UnixConnectionDependencies {
  readonly service: FrameService;
  readonly load: ServerLoad;
  readonly deadlines: Deadlines;
  /** Bytes a request may have. */
  readonly maxMessageBytes: number;
  readonly logger: Logger;
  /** Milliseconds without a request after which a connection is closed. */
  readonly idleMs: number;
  /** Requests of one connection that run side by side; further ones are not read from the socket. */
  readonly maxRunning: number;
}

/** Where an answer will stand in the order of answers. */
interface Turn {
  answer: Uint8Array | undefined;
  readonly cancellation: Cancellation;
}

/** Bytes of answers that wait for an earlier one, above which no further requests are read. */
const maxWaitingBytes = maxMessageBytes;

/** One client. Its requests run side by side and are answered in the order they came. */
export class UnixConnection {
  /** Settles when the socket is gone. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #dependencies: UnixConnectionDependencies;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  /** Runs while nothing else does; a request that never comes to its end counts as none. */
  readonly #idle: Deadline;
  readonly #turns: Turn[] = [];
  readonly #load: SessionLoad;
  /** Bytes that are held of a request that has not come whole. */
  #comingBytes = 0;
  /** Bytes of answers that wait for an earlier one. */
  #waitingBytes = 0;
  /** Bytes of answers that count as held: those that wait, and those that the client has not taken. */
  #unreadBytes = 0;
  #whenAnswered: (() => void)[] = [];
  #phase: 'serving' | 'draining' = 'serving';

  constructor(socket: Socket, dependencies: UnixConnectionDependencies) {
    this.#socket = socket;
    this.#dependencies = dependencies;
    this.#reader = new FrameReader((frame) => this.#take((turn) => this.#answer(turn, frame)), {
      maxBytes: dependencies.maxMessageBytes,
      passOver: (bytes, why) => this.#take((turn) => this.#refuse(turn, bytes, why)),
      hold: (bytes) => this.#hold(bytes),
    });
    this.#writer = new FrameWriter(socket);
    this.#load = dependencies.load.open();
    this.#idle = new Deadline(() => socket.destroy());
    dependencies.deadlines.arm(this.#idle, dependencies.idleMs);
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        dependencies.deadlines.disarm(this.#idle);
        for (const { cancellation } of this.#turns) cancellation.abort(new Error('the client is gone'));
        this.#letGo();
        this.#load.bytes.give(this.#unreadBytes);
        this.#settle();
        resolve();
      });
    });
    socket.on('error', (error) => dependencies.logger.debug({ error: error.message }, 'a plugin client broke off'));
    socket.on('drain', () => this.#regulate());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.once('end', () => this.#lastRequestRead());
  }

  /** Reads no more requests. Settles when those that run are answered, and the answers are on their way. */
  async drain(): Promise<void> {
    this.#phase = 'draining';
    this.#socket.pause();
    if (this.#turns.length > 0) await new Promise<void>((resolve) => this.#whenAnswered.push(resolve));
    if (this.#socket.destroyed) return;
    this.#writer.flush();
    await Promise.race([new Promise<void>((resolve) => this.#socket.end(resolve)), this.gone]);
  }

  /** Ends the connection at once; settles when it is gone. */
  close(): Promise<void> {
    this.#socket.destroy();
    return this.gone;
  }

  /** The client sends no more, and waits for its answers unless it is gone. */
  #lastRequestRead(): void {
    // Nothing tells the two apart but a write, which fails when nobody can read any more, also when it writes nothing.
    if (this.#turns.length > 0) this.#socket.write(Buffer.alloc(0));
    void this.drain();
  }

  #read(chunk: Buffer): void {
    try {
      const read = this.#reader.push(chunk);
      if (read < chunk.length) this.#socket.unshift(chunk.subarray(read));
    } catch (error) {
      this.#dependencies.logger.warn({ error: messageOf(error) }, 'a plugin client does not speak the protocol');
      // What came before is answered still.
      void this.drain().then(() => this.#socket.destroy());
    }
  }

  #hold(bytes: number): boolean {
    if (this.#load.bytes.take(bytes) === undefined) {
      this.#comingBytes += bytes;
      return true;
    }
    this.#letGo();
    return false;
  }

  #letGo(): void {
    this.#load.bytes.give(this.#comingBytes);
    this.#comingBytes = 0;
  }

  /** False when the requests behind this one have to wait. */
  #take(answer: (turn: Turn) => void): boolean {
    this.#letGo();
    if (this.#turns.length === 0) this.#dependencies.deadlines.disarm(this.#idle);
    const turn: Turn = { answer: undefined, cancellation: new Cancellation() };
    this.#turns.push(turn);
    answer(turn);
    this.#regulate();
    return !this.#socket.isPaused();
  }

  #answer(turn: Turn, frame: Buffer): void {
    const request = this.#dependencies.service.read(frame);
    if (request === undefined) {
      this.#dependencies.logger.warn({ bytes: frame.length }, 'a plugin client sent a message of unknown type');
      return this.#answered(turn, this.#dependencies.service.refuse({ kind: 'unknown' }));
    }
    const refusal = this.#admit(frame.length);
    if (refusal !== undefined) return this.#answered(turn, request.refuse(refusal));
    // A frame is only valid until it is taken.
    const bytes = frame.length;
    request.answer(turn.cancellation).then(
      (answer) => {
        this.#release(bytes);
        this.#answered(turn, answer);
      },
      (error: unknown) => {
        this.#release(bytes);
        this.#dependencies.logger.error({ error: messageOf(error) }, 'a plugin request could not be answered');
        this.#answered(turn, request.refuse({ kind: 'failed', message: messageOf(error) }));
      },
    );
  }

  /** A request that was not kept. */
  #refuse(turn: Turn, bytes: number, why: Passed): void {
    const { load, logger, maxMessageBytes, service } = this.#dependencies;
    if (why === 'noRoom') return this.#answered(turn, service.refuse({ kind: 'busy', message: load.tooManyBytes() }));
    logger.warn({ bytes, maxMessageBytes }, 'a plugin client sent a message that is too large; refused');
    const message = `The message has ${bytes} bytes, and at most ${maxMessageBytes} are possible`;
    this.#answered(turn, service.refuse({ kind: 'tooLarge', message }));
  }

  /** Why there is no room for a request. */
  #admit(bytes: number): FrameRefusal | undefined {
    const { load } = this.#dependencies;
    const full = this.#load.calls.take(1);
    if (full !== undefined) return { kind: 'busy', message: load.tooManyCalls(full) };
    if (this.#load.bytes.take(bytes) === undefined) return undefined;
    this.#load.calls.give(1);
    return { kind: 'busy', message: load.tooManyBytes() };
  }

  #release(bytes: number): void {
    this.#load.calls.give(1);
    this.#load.bytes.give(bytes);
  }

  #answered(turn: Turn, answer: Uint8Array): void {
    turn.answer = answer;
    this.#waitingBytes += answer.length;
    if (this.#socket.destroyed) return;
    while (this.#turns[0]?.answer !== undefined) {
      this.#waitingBytes -= this.#turns[0].answer.length;
      this.#writer.write(this.#turns[0].answer);
      this.#turns.shift();
    }
    this.#regulate();
    if (this.#turns.length > 0) return;
    this.#dependencies.deadlines.arm(this.#idle, this.#dependencies.idleMs);
    this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#whenAnswered.splice(0)) resolve();
  }

  /** Requests are read only while there is room for them and for their answers. */
  #regulate(): void {
    const unreadBytes = this.#waitingBytes + this.#socket.writableLength;
    if (unreadBytes !== this.#unreadBytes) {
      this.#load.bytes.add(unreadBytes - this.#unreadBytes);
      this.#unreadBytes = unreadBytes;
    }
    if (this.#phase === 'draining') return;
    const isFull = this.#turns.length >= this.#dependencies.maxRunning || this.#waitingBytes > maxWaitingBytes;
    if (isFull || this.#socket.writableNeedDrain) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }
}
