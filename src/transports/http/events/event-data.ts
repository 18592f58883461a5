import { GrowingBuffer } from '../../../wire/framing/growing-buffer.js';
import type { MessageOutline } from '../../../wire/framing/message-scanner.js';
import { OversizeEvent } from './oversize-event.js';

const newline = Buffer.from('\n');

/** The data of the event that is being read. What is longer than the bound is read past, and told. */
export class EventData {
  readonly #maxBytes: number;
  readonly #onTooLarge: (outline: MessageOutline | undefined) => void;
  /** The event, if it is too large to be held. */
  #oversize: OversizeEvent | undefined;
  /** A view on the chunk that is being read, as long as the data is one line of it, else a copy. */
  #view: Buffer | undefined;
  readonly #copy = new GrowingBuffer();
  #hasLines = false;

  constructor(maxBytes: number, onTooLarge: (outline: MessageOutline | undefined) => void) {
    this.#maxBytes = maxBytes;
    this.#onTooLarge = onTooLarge;
  }

  /** Whether the event has any, if only an empty line of it. */
  get isPresent(): boolean {
    return this.#hasLines;
  }

  get isOversize(): boolean {
    return this.#oversize !== undefined;
  }

  /** Bytes that have been read past. */
  get bytesReadPast(): number {
    return this.#oversize?.bytes ?? 0;
  }

  /** Bytes that are held as a copy. */
  get bytesCopied(): number {
    return this.#copy.length;
  }

  addLine(value: Buffer): void {
    this.copyView();
    const before = this.#hasLines ? this.#copy.length + newline.length : 0;
    if (this.#oversize === undefined && before + value.length <= this.#maxBytes) {
      if (this.#hasLines) {
        this.#copy.append(newline);
        this.#copy.append(value);
      } else this.#view = value;
      this.#hasLines = true;
      return;
    }
    this.#oversize ??= this.#beginToReadPast();
    this.#oversize.push(newline);
    this.#oversize.push(value);
  }

  /** More of the last line, of an event that is read past. */
  readPast(piece: Buffer): void {
    this.#oversize?.push(piece);
  }

  /** The chunk that was read will not be there any more. */
  copyView(): void {
    const view = this.#view;
    if (view === undefined) return;
    this.#view = undefined;
    this.#copy.append(view);
  }

  /** The event is whole. Gives its data, if that is held. */
  end(): Buffer | undefined {
    const oversize = this.#oversize;
    const data = this.#hasLines && oversize === undefined ? (this.#view ?? this.#copy.take()) : undefined;
    this.#view = undefined;
    this.#hasLines = false;
    this.#oversize = undefined;
    oversize?.end();
    return data;
  }

  #beginToReadPast(): OversizeEvent {
    this.#hasLines = true;
    const event = new OversizeEvent(this.#onTooLarge);
    event.push(this.#copy.take());
    return event;
  }
}
