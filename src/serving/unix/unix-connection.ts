import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { Socket } from 'node:net';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { Deadline, type Deadlines } from '../../time/deadlines.js';
import { FrameReader, type Passed } from '../../wire/framing/frame-reader.js';
import { FrameWriter } from '../../wire/framing/frame-writer.js';
import type { FrameRefusal, FrameService } from '../message-service.js';
import type { ServerLoad, SessionLoad } from '../server-load.js';
import { AnswerQueue, type PendingAnswer } from './answer-queue.js';

/** How log texts name clients and what they ask, with their articles. */
export interface UnixClientNames {
  /** `a plugin client` */
  readonly client: string;
  /** `a plugin request` */
  readonly request: string;
}

export interface UnixConnectionDependencies {
  readonly service: FrameService;
  readonly names: UnixClientNames;
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
  readonly #answers: AnswerQueue;
  readonly #load: SessionLoad;
  /** Bytes that are held of a request that has not come whole. */
  #comingBytes = 0;
  /** Bytes of answers that count as held: those that wait, and those that the client has not taken. */
  #unreadBytes = 0;
  #phase: 'serving' | 'draining' = 'serving';

  constructor(socket: Socket, dependencies: UnixConnectionDependencies) {
    this.#socket = socket;
    this.#dependencies = dependencies;
    this.#reader = new FrameReader((frame) => this.#take((pending) => this.#answer(pending, frame)), {
      maxBytes: dependencies.maxMessageBytes,
      passOver: (bytes, why) => this.#take((pending) => this.#refuse(pending, bytes, why)),
      hold: (bytes) => this.#hold(bytes),
    });
    this.#writer = new FrameWriter(socket, { givesBack: true });
    // Behind the last answer that is owed, the client may have nothing to do but wait.
    this.#answers = new AnswerQueue((answer) => this.#writer.write(answer, this.#answers.length === 1));
    this.#load = dependencies.load.open();
    this.#idle = new Deadline(() => socket.destroy());
    dependencies.deadlines.arm(this.#idle, dependencies.idleMs);
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        dependencies.deadlines.disarm(this.#idle);
        this.#answers.abandon(new Error('the client is gone'));
        this.#letGo();
        this.#load.bytes.give(this.#unreadBytes);
        resolve();
      });
    });
    const { logger, names } = dependencies;
    socket.on('error', (error) => logger.debug({ error: error.message }, `${names.client} broke off`));
    socket.on('drain', () => this.#regulate());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.once('end', () => this.#lastRequestRead());
  }

  /** Reads no more requests. Settles when those that run are answered, and the answers are on their way. */
  async drain(): Promise<void> {
    this.#phase = 'draining';
    this.#socket.pause();
    await this.#answers.sent();
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
    if (this.#answers.length > 0) this.#socket.write(Buffer.alloc(0));
    void this.drain();
  }

  #read(chunk: Buffer): void {
    try {
      const read = this.#reader.push(chunk);
      if (read < chunk.length) this.#socket.unshift(chunk.subarray(read));
    } catch (error) {
      const { logger, names } = this.#dependencies;
      logger.warn({ error: messageOf(error) }, `${names.client} does not speak the protocol`);
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
  #take(answer: (pending: PendingAnswer) => void): boolean {
    this.#letGo();
    if (this.#answers.length === 0) this.#dependencies.deadlines.disarm(this.#idle);
    answer(this.#answers.add());
    this.#regulate();
    return !this.#socket.isPaused();
  }

  #answer(pending: PendingAnswer, frame: Buffer): void {
    const { service, logger, names } = this.#dependencies;
    const request = service.read(frame);
    if (request === undefined) {
      logger.warn({ bytes: frame.length }, `${names.client} sent a message of unknown type`);
      return this.#answered(pending, service.refuse({ kind: 'unknown' }));
    }
    const refusal = this.#admit(frame.length);
    if (refusal !== undefined) return this.#answered(pending, request.refuse(refusal));
    // A frame is only valid until it is taken.
    const bytes = frame.length;
    request.answer(pending.cancellation).then(
      (answer) => {
        this.#release(bytes);
        this.#answered(pending, answer);
      },
      (error: unknown) => {
        this.#release(bytes);
        logger.error({ error: messageOf(error) }, `${names.request} could not be answered`);
        this.#answered(pending, request.refuse({ kind: 'failed', message: messageOf(error) }));
      },
    );
  }

  /** A request that was not kept. */
  #refuse(pending: PendingAnswer, bytes: number, why: Passed): void {
    const { load, logger, maxMessageBytes, names, service } = this.#dependencies;
    if (why === 'noRoom')
      return this.#answered(pending, service.refuse({ kind: 'busy', message: load.tooManyBytes() }));
    logger.warn({ bytes, maxMessageBytes }, `${names.client} sent a message that is too large; refused`);
    const message = `The message has ${bytes} bytes, and at most ${maxMessageBytes} are possible`;
    this.#answered(pending, service.refuse({ kind: 'tooLarge', message }));
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

  #answered(pending: PendingAnswer, answer: Uint8Array): void {
    if (this.#socket.destroyed) return;
    this.#answers.settle(pending, answer);
    this.#regulate();
    if (this.#answers.length === 0) this.#dependencies.deadlines.arm(this.#idle, this.#dependencies.idleMs);
  }

  /** Requests are read only while there is room for them and for their answers. */
  #regulate(): void {
    const unreadBytes = this.#answers.waitingBytes + this.#socket.writableLength;
    if (unreadBytes !== this.#unreadBytes) {
      this.#load.bytes.add(unreadBytes - this.#unreadBytes);
      this.#unreadBytes = unreadBytes;
    }
    if (this.#phase === 'draining') return;
    const isFull =
      this.#answers.length >= this.#dependencies.maxRunning || this.#answers.waitingBytes > maxWaitingBytes;
    if (isFull || this.#socket.writableNeedDrain) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }
}
