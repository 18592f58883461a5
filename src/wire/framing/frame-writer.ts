import type { Socket } from 'node:net';
import { framed, giveBack } from './message-memory.js';
import { headerBytes, shortMessageBytes } from './message-size.js';

/** Bytes up to which frames are copied into one write. */
const coalescedBytes = 256 * 1024;

/**
 * Frames of one write. With more, the other side has nothing to do until all are there, and the two work in turns instead
 * of at the same time, which halves what they get done (`npm run bench`, unix/64).
 */
const coalescedFrames = 16;

/**
 * Writes frames to a socket: those of one turn of the event loop in few writes, because a system call costs more than copying
 * small frames.
 */
export class FrameWriter {
  readonly #socket: Socket;
  /** Frames that have not been written; undefined while none has come in this turn. */
  #waiting: Uint8Array[] | undefined;
  #bytes = 0;
  readonly #givesBack: boolean;

  /** @param options.givesBack nobody looks at a frame again when it is written */
  constructor(socket: Socket, { givesBack = false }: { readonly givesBack?: boolean } = {}) {
    this.#socket = socket;
    this.#givesBack = givesBack;
  }

  /** Whether nothing is left to be written. */
  get isDone(): boolean {
    return this.#bytes === 0 && this.#socket.writableLength === 0;
  }

  /**
   * The frame must not change until it is written, which is when the turn of the event loop is over.
   *
   * @param isAwaited the other side has nothing to do without it: it is written at once
   */
  write(frame: Uint8Array, isAwaited: boolean): void {
    // Runs when the microtasks are through, and with them everything that answers bring about.
    if (this.#waiting === undefined) process.nextTick(this.#endTurn);
    this.#waiting ??= [];
    this.#waiting.push(frame);
    this.#bytes += frame.length + headerBytes;
    if (isAwaited || this.#bytes >= coalescedBytes || this.#waiting.length >= coalescedFrames) this.flush();
  }

  /** Writes what is there now. */
  flush(): void {
    const frames = this.#waiting ?? [];
    const bytes = this.#bytes;
    if (frames.length === 0) return;
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#socket.destroyed) return;
    const [first] = frames;
    if (frames.length === 1 && first !== undefined && first.length > shortMessageBytes) return this.#writeAlone(first);
    if (bytes > coalescedBytes) return this.#writeApart(frames);
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
    for (const frame of frames) this.#writeAlone(frame);
    this.#socket.uncork();
  }

  #writeAlone(frame: Uint8Array): void {
    const whole = framed(frame);
    if (whole !== undefined)
      return void this.#socket.write(whole, this.#givesBack ? (error) => error ?? giveBack(frame) : undefined);
    const header = Buffer.allocUnsafe(headerBytes);
    header.writeUInt32BE(frame.length);
    this.#socket.cork();
    this.#socket.write(header);
    this.#socket.write(frame);
    this.#socket.uncork();
  }
}
