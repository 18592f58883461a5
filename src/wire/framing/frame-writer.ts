import type { Socket } from 'node:net';
import { headerBytes } from './frame-reader.js';

/** Bytes up to which frames are copied into one write. */
const coalescedBytes = 256 * 1024;

/** Bytes up to which a frame that is alone is copied behind its length: memory of its own costs more than a second piece. */
const copiedBytes = 4 * 1024;

/**
 * Frames of one write. With more, the other side has nothing to do until all are there, and the two work in turns instead
 * of at the same time, which halves what they get done (`npm run bench`, unix/64).
 */
const coalescedFrames = 16;

/**
 * Writes frames to a socket: the first one of a turn of the event loop at once, so that the other side can begin, and
 * those that follow in the same turn in few writes, because a system call costs more than copying small frames.
 */
export class FrameWriter {
  readonly #socket: Socket;
  /** Frames that have not been written; undefined while none has come in this turn. */
  #waiting: Uint8Array[] | undefined;
  #bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The frame must not change until it is written, which is when the turn of the event loop is over. */
  write(frame: Uint8Array): void {
    const isFirst = this.#waiting === undefined;
    // Runs when the microtasks are through, and with them everything that answers bring about.
    if (isFirst) process.nextTick(this.#endTurn);
    this.#waiting ??= [];
    this.#waiting.push(frame);
    this.#bytes += frame.length + headerBytes;
    if (isFirst || this.#bytes >= coalescedBytes || this.#waiting.length >= coalescedFrames) this.flush();
  }

  /** Writes what is there now. */
  flush(): void {
    const frames = this.#waiting ?? [];
    const bytes = this.#bytes;
    if (frames.length === 0) return;
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#socket.destroyed) return;
    if (bytes > coalescedBytes || (frames.length === 1 && bytes > copiedBytes)) return this.#writeApart(frames);
    const joined = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const frame of frames) {
      at = joined.writeUInt32BE(frame.length, at);
      joined.set(frame, at);
      at += frame.length;
    }
    this.#socket.write(joined);
  }

  readonly #endTurn = (): void => {
    this.flush();
    this.#waiting = undefined;
  };

  #writeApart(frames: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const frame of frames) {
      const header = Buffer.allocUnsafe(headerBytes);
      header.writeUInt32BE(frame.length);
      this.#socket.write(header);
      this.#socket.write(frame);
    }
    this.#socket.uncork();
  }
}
