import { type MessageOutline, MessageScanner } from '../../../wire/framing/message-scanner.js';

/** An event that is too large to be held: it is read past, and told whose messages are in it. */
export class OversizeEvent {
  /** Bytes of its data that have come. */
  bytes = 0;
  readonly #onMessage: (outline: MessageOutline | undefined) => void;
  readonly #scanner: MessageScanner;
  #messages = 0;

  constructor(onMessage: (outline: MessageOutline | undefined) => void) {
    this.#onMessage = onMessage;
    this.#scanner = new MessageScanner((outline) => {
      this.#messages++;
      onMessage(outline);
    });
  }

  push(piece: Uint8Array): void {
    this.bytes += piece.length;
    this.#scanner.push(piece);
  }

  end(): void {
    if (this.#messages === 0) this.#onMessage(undefined);
  }
}
