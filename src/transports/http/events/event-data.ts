import { GrowingBuffer } from '../../../wire/framing/growing-buffer.js';
import type { MessageOutline } from '../../../wire/framing/message-scanner.js';
import { OversizeEvent } from './oversize-event.js';

const newline = Buffer.from('\n');

/** How the data is held that has come so far. */
type Held =
  /** No line of data has come. */
  | { readonly kind: 'nothing' }
  /** One line has come: a view on the chunk that is being read. */
  | { readonly kind: 'view'; readonly line: Buffer }
  /** All lines are in the copy. */
  | { readonly kind: 'copy' }
  /** The data is longer than the bound: none of it is held, and what comes is read past. */
  | { readonly kind: 'oversize'; readonly event: OversizeEvent };

const nothing: Held = { kind: 'nothing' };
const copied: Held = { kind: 'copy' };

/** The data of the event that is being read. What is longer than the bound is read past, and told. */
export class EventData {
  readonly #maxBytes: number;
  readonly #onTooLarge: (outline: MessageOutline | undefined) => void;
  readonly #copy = new GrowingBuffer();
  #held: Held = nothing;

  constructor(maxBytes: number, onTooLarge: (outline: MessageOutline | undefined) => void) {
    this.#maxBytes = maxBytes;
    this.#onTooLarge = onTooLarge;
  }

  /** True once a line of data has come, even an empty one. */
  get hasLines(): boolean {
    return this.#held.kind !== 'nothing';
  }

  get isOversize(): boolean {
    return this.#held.kind === 'oversize';
  }

  /** Bytes that have been read past. */
  get bytesReadPast(): number {
    return this.#held.kind === 'oversize' ? this.#held.event.bytes : 0;
  }

  /** Bytes that are held as a copy. */
  get bytesCopied(): number {
    return this.#copy.length;
  }

  addLine(value: Buffer): void {
    this.copyView();
    if (this.#held.kind === 'oversize') return pushLine(this.#held.event, value);
    const before = this.hasLines ? this.#copy.length + newline.length : 0;
    if (before + value.length > this.#maxBytes) {
      const event = new OversizeEvent(this.#onTooLarge);
      event.push(this.#copy.take());
      pushLine(event, value);
      this.#held = { kind: 'oversize', event };
    } else if (this.hasLines) {
      this.#copy.append(newline);
      this.#copy.append(value);
    } else {
      this.#held = { kind: 'view', line: value };
    }
  }

  /** More of the last line, of an event that is read past. */
  readPast(piece: Buffer): void {
    if (this.#held.kind === 'oversize') this.#held.event.push(piece);
  }

  /** The chunk that was read will not be there any more. */
  copyView(): void {
    if (this.#held.kind !== 'view') return;
    this.#copy.append(this.#held.line);
    this.#held = copied;
  }

  /** The event is whole. Gives its data, if that is held. */
  end(): Buffer | undefined {
    const held = this.#held;
    this.#held = nothing;
    switch (held.kind) {
      case 'nothing':
        return undefined;
      case 'view':
        return held.line;
      case 'copy':
        return this.#copy.take();
      case 'oversize':
        held.event.end();
        return undefined;
    }
  }
}

function pushLine(event: OversizeEvent, line: Buffer): void {
  event.push(newline);
  event.push(line);
}
