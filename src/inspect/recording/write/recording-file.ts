import {
  accessSync,
  close,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { whyUnwritable } from '../../../config/source/unwritable-file.js';
import { GatechartError, messageOf } from '../../../errors.js';

/** Characters that may wait to be written; what comes beyond is dropped. */
const mostWaiting = 4 * 1024 * 1024;
/** Characters that are written at once and not with the next tick of the timer. */
const enough = 256 * 1024;
/** Lines that are made one text: the pieces that a line is put together of take ten times its room until then. */
const linesOfText = 32;

export interface RecordingFileOptions {
  readonly path: string;
  /** Bytes of one part. */
  readonly bytes: number;
  /** What each part begins with. */
  readonly begin: (part: number) => string;
  /** The part has become too large: it is time to {@link RecordingFile.turn}. */
  readonly onFull: () => void;
  /** Nothing is written any more, for this reason. */
  readonly onStop: (reason: string) => void;
}

/** The file of a recording: what is too large is put aside as `.1`, and there are never more than these two. */
export class RecordingFile {
  readonly #options: RecordingFileOptions;
  /** Undefined while none is open: the number may belong to somebody else by then. */
  #fd: number | undefined;
  #part = 1;
  #written = 0;
  /** Texts of whole lines, and after them the lines that are none of a text yet. */
  #waiting: string[] = [];
  #lines: string[] = [];
  #length = 0;
  #isWriting = false;
  #isOpen = true;
  #idle: (() => void)[] = [];

  /** @throws GatechartError CONFIG_INVALID if something else is there; CONFIG_UNREADABLE if it cannot be written */
  constructor(options: RecordingFileOptions) {
    this.#options = options;
    const { path } = options;
    try {
      // It is in the way sooner or later, and then there is nobody to be told.
      isThere(asideOf(path));
      if (isThere(path)) renameSync(path, asideOf(path));
      this.#fd = openSync(path, 'wx', 0o600);
    } catch (error) {
      throw unwritable(path, error);
    }
    this.#begin();
  }

  /** Whether there is room for more. */
  get hasRoom(): boolean {
    return this.#isOpen && this.#length < mostWaiting;
  }

  /** Whether most of what waited is written. */
  get hasCaughtUp(): boolean {
    return this.#isOpen && this.#length < mostWaiting / 4;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  add(line: string): void {
    if (!this.#isOpen) return;
    this.#lines.push(line);
    if (this.#lines.length >= linesOfText) this.#join();
    this.#length += line.length;
    if (this.#length >= enough && !this.#isWriting) this.flush();
  }

  /** Begins the next part, once all that waits is in the one before. @returns false if that cannot be now */
  turn(): boolean {
    if (this.#fd === undefined || !this.#isOpen || this.#isWriting) return false;
    const { path } = this.#options;
    try {
      const fd = this.#fd;
      for (const text of this.#take()) writeSync(fd, text);
      this.#fd = undefined;
      closeSync(fd);
      renameSync(path, asideOf(path));
      this.#fd = openSync(path, 'wx', 0o600);
    } catch (error) {
      this.stop(messageOf(error));
      return false;
    }
    this.#part += 1;
    this.#written = 0;
    this.#begin();
    return true;
  }

  flush(): void {
    if (this.#isWriting || this.#length === 0 || !this.#isOpen) return;
    const bytes = Buffer.from(this.#take().join(''));
    this.#isWriting = true;
    this.#write(bytes);
  }

  /** Settles when all is written and the file is closed. */
  async close(): Promise<void> {
    while (this.#isOpen && (this.#isWriting || this.#length > 0)) {
      this.flush();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await new Promise<void>((resolve) => this.#release(resolve));
  }

  /** What waits, which waits no more. */
  #take(): readonly string[] {
    this.#join();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    return waiting;
  }

  #join(): void {
    if (this.#lines.length === 0) return;
    this.#waiting.push(this.#lines.join(''));
    this.#lines = [];
  }

  #begin(): void {
    this.add(this.#options.begin(this.#part));
  }

  #write(bytes: Buffer): void {
    if (this.#fd === undefined) return;
    write(this.#fd, bytes, 0, bytes.length, null, (error, length) => {
      if (error === null && this.#isOpen) {
        this.#written += length;
        if (length < bytes.length) return this.#write(bytes.subarray(length));
      }
      this.#isWriting = false;
      if (error !== null) this.stop(error.message);
      else if (!this.#isOpen) this.#release();
      else if (this.#written >= this.#options.bytes && this.#idle.length === 0) this.#options.onFull();
      for (const tell of this.#idle.splice(0)) tell();
    });
  }

  /** What waits is dropped, and nothing is written any more. */
  stop(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#take();
    if (!this.#isWriting) this.#release();
    this.#options.onStop(reason);
  }

  #release(released: () => void = () => {}): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) released();
    else close(fd, () => released());
  }
}

/**
 * Tells early what would be told when the recording begins, as far as that can be told without writing anything.
 *
 * @throws GatechartError as `RecordingFile` does
 */
export function requireRecordable(path: string): void {
  try {
    isThere(asideOf(path));
    isThere(path);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): GatechartError {
  if (error instanceof GatechartError) return error;
  const message = `the recording ${path} cannot be written: ${whyUnwritable(path, error)}`;
  return new GatechartError('CONFIG_UNREADABLE', message, { cause: error });
}

/** Where the part before is. */
export function asideOf(path: string): string {
  return `${path}.1`;
}

/** @throws GatechartError CONFIG_INVALID for a file that is no recording: it is nobody's to be put aside */
function isThere(path: string): boolean {
  let fd: number;
  try {
    // A pipe that nobody writes to would keep whoever opens it.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  try {
    const begin = Buffer.alloc(16);
    const read = fstatSync(fd).isFile() ? readSync(fd, begin, 0, begin.length, 0) : -1;
    if (read === 0 || begin.toString('latin1', 0, Math.max(read, 0)).startsWith('{"recording":')) return true;
    throw new GatechartError('CONFIG_INVALID', `${path} is there already, and is no recording: name another file`);
  } finally {
    closeSync(fd);
  }
}
