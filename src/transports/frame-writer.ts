import type { Socket } from 'node:net';
import { headerBytes } from './frame-reader.js';

/** Bytes up to which frames are copied into one write. */
const coalescedBytes = 256 * 1024;

/**
 * Frames of one write. With more, the other side has nothing to do until all are there, and the two work in turns instead
 * of at the same time, which halves what they get done (`npm run bench`, unix/64).
 */
const coalescedFrames = 16;

/**
 * Writes frames to a socket, those that come in one turn of the event loop in few writes: a system call costs more than
 * copying small frames.
 */
export class FrameWriter {
  readonly #socket: Socket;
  #frames: Uint8Array[] = [];
  #bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The frame must not change until it is written, which is when the turn of the event loop is over. */
  write(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length + headerBytes;
    // Runs when the microtasks are through, and with them everything that answers bring about.
    if (this.#frames.length === 1) process.nextTick(this.flush);
    else if (this.#bytes >= coalescedBytes || this.#frames.length >= coalescedFrames) this.flush();
  }

  /** Writes what is there now. */
  readonly flush = (): void => {
    const frames = this.#frames;
    if (frames.length === 0 || this.#socket.destroyed) return;
    const bytes = this.#bytes;
    this.#frames = [];
    this.#bytes = 0;
    if (bytes > coalescedBytes) return this.#writeApart(frames);
    const joined = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const frame of frames) {
      at = joined.writeUInt32BE(frame.length, at);
      joined.set(frame, at);
      at += frame.length;
    }
    this.#socket.write(joined);
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
