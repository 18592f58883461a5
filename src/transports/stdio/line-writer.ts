import type { Writable } from 'node:stream';

/** Characters up to which lines are joined into one write. */
const joinedLength = 256 * 1024;

/** Lines of one write: with more, the child has nothing to do until all are there, as in `FrameWriter`. */
const joinedLines = 16;

/**
 * Writes lines to a pipe: the first one of a turn of the event loop at once, so that the child can begin, and those that
 * follow in the same turn in few writes, because a system call costs more than joining short lines.
 */
export class LineWriter {
  readonly #pipe: Writable;
  #waiting = '';
  #lines = 0;
  #isFirst = true;

  constructor(pipe: Writable) {
    this.#pipe = pipe;
  }

  /** What waits to be written, in characters; it is written when the turn of the event loop is over. */
  get waitingLength(): number {
    return this.#waiting.length;
  }

  /** Writes a text, whose line end is added. */
  write(text: string): void {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    // Runs when the microtasks are through, and with them everything that answers bring about.
    if (isFirst) process.nextTick(this.#endTurn);
    if (this.#waiting.length + text.length > joinedLength) this.flush();
    this.#waiting += `${text}\n`;
    this.#lines++;
    if (isFirst || this.#lines >= joinedLines || this.#waiting.length > joinedLength) this.flush();
  }

  /** Writes what is there now. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting === '') return;
    this.#waiting = '';
    this.#lines = 0;
    if (this.#pipe.writable) this.#pipe.write(waiting);
  }

  readonly #endTurn = (): void => {
    this.flush();
    this.#isFirst = true;
  };
}
