import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { whyUnwritable } from '../../config/source/unwritable-file.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { removeOldest, setAside } from './set-aside.js';

export interface LogFileSettings {
  /** Absolute. */
  readonly file: string;
  /** Bytes above which the file is set aside, and another one begun. */
  readonly maxBytes: number;
  /** How many that were set aside are kept. */
  readonly keep: number;
  /** Bytes that may wait for the disk. */
  readonly maxWaitingBytes: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * The part of the room left in the file, and the most bytes, that are written before its size is asked for again: to ask after
 * each line costs as much as to write it. Other processes may write the same file, and find that it is full for themselves.
 */
const [askedPart, mostUnasked] = [1 / 16, 64 * 1024];

/** Milliseconds that the disk gets for the last lines. */
const closeMs = 5_000;

/**
 * Appends lines to a file, without waiting for the disk and without ever throwing. What a slow or full disk does not take is
 * dropped and counted: nobody's call waits for it, and memory has an end.
 */
export class LogFile {
  /** Whether there is a file, and no device, that can be set aside. */
  readonly isRegular: boolean;
  readonly #settings: LogFileSettings;
  #handle: FileHandle;
  #waiting: string[] = [];
  /** Bytes that wait, and that are being written. */
  #heldBytes = 0;
  #dropped = 0;
  /** Why lines are lost, from the first that is until one is written again. */
  #trouble: string | undefined;
  /** Ends a line that the disk took only a part of. */
  #lead = '';
  /** Bytes that may be written before the size of the file is asked for. */
  #unasked = 0;
  /** All that is done with the file, one after the other. Never rejects. */
  #work: Promise<void> = Promise.resolve();
  /** Whether somebody is about to write what waits. */
  #isWriting = false;
  #closing: Promise<void> | undefined;

  private constructor(settings: LogFileSettings, handle: FileHandle, isRegular: boolean) {
    this.#settings = settings;
    this.#handle = handle;
    this.isRegular = isRegular;
  }

  /** Makes file (0600) and folder (0700) where there are none. @throws GatechartError CONFIG_INVALID */
  static async open(settings: LogFileSettings): Promise<LogFile> {
    const { file } = settings;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const known = await stat(file).catch(() => undefined);
      // Opening a pipe would wait for a reader.
      if (known !== undefined && !known.isFile() && !known.isCharacterDevice()) throw new Error('it is no file');
      const handle = await open(file, 'a', 0o600);
      return new LogFile(settings, handle, (await handle.stat()).isFile());
    } catch (error) {
      const text = `The audit log ${file} cannot be written: ${whyUnwritable(file, error)}; give another file`;
      throw new GatechartError('CONFIG_INVALID', text, { cause: error });
    }
  }

  /** Lines that were lost. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#closing !== undefined) return this.lost(1, 'the log was closed');
    if (this.#heldBytes + bytes > this.#settings.maxWaitingBytes) return this.lost(1, 'the disk does not keep up');
    this.#waiting.push(line);
    this.#heldBytes += bytes;
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#next(() => this.#writeAll());
  }

  /** Counts lines that cannot be written, and tells of the first. */
  lost(lines: number, why: string): void {
    this.#dropped += lines;
    const { file, logger } = this.#settings;
    if (this.#trouble === undefined) logger.error({ file }, `lines of the audit log are lost: ${why}`);
    this.#trouble = why;
  }

  /** Opens the file again, which somebody has moved. Never rejects: where that fails the old one is written on. */
  reopen(): Promise<void> {
    return this.#closing ?? this.#next(() => this.#openAgain());
  }

  /** Settles when everything is written, or the disk has not taken it in time. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const written = await within(this.#work, closeMs, this.#settings.clock);
    if (written === undefined) return this.lost(this.#waiting.splice(0).length, 'the disk does not answer');
    await this.#handle.close().catch((error: unknown) => this.#warn('could not be closed', error));
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step);
    return this.#work;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // The answer that a line tells of goes first: a thread that is woken for the disk may take the core from it.
      await setImmediate();
      const lines = this.#waiting.splice(0);
      const text = lines.join('');
      try {
        await this.#handle.appendFile(this.#lead + text);
        this.#lead = '';
        this.#written();
      } catch (error) {
        this.#lead = '\n';
        this.lost(lines.length, messageOf(error));
      }
      const bytes = Buffer.byteLength(text);
      this.#heldBytes -= bytes;
      this.#unasked -= bytes;
      if (this.#unasked <= 0) await this.#rotate();
    }
    this.#isWriting = false;
  }

  #written(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    const { file, logger } = this.#settings;
    logger.warn({ file, dropped: this.#dropped }, `the audit log is written again; ${this.#dropped} lines were lost`);
  }

  async #rotate(): Promise<void> {
    const { file, keep, maxBytes } = this.#settings;
    if (!this.isRegular) return;
    try {
      const own = await this.#handle.stat();
      if (own.size < maxBytes) {
        this.#unasked = Math.min((maxBytes - own.size) * askedPart, mostUnasked);
        return;
      }
      // Another process that writes the same log may have done it already.
      const found = await stat(file).catch(() => undefined);
      if (found !== undefined && found.ino === own.ino && found.dev === own.dev) await setAside(file);
      await this.#openAgain();
      await removeOldest(file, keep);
    } catch (error) {
      this.#warn('could not be set aside, and grows', error);
    }
  }

  async #openAgain(): Promise<void> {
    const { file } = this.#settings;
    try {
      const next = await open(file, 'a', 0o600);
      const last = this.#handle;
      this.#handle = next;
      this.#lead = '';
      this.#unasked = 0;
      await last.close();
    } catch (error) {
      this.#warn('could not be opened again: lines go to the file that was open', error);
    }
  }

  #warn(what: string, error: unknown): void {
    const { file, logger } = this.#settings;
    logger.warn({ file }, `the audit log ${what}: ${messageOf(error)}`);
  }
}
