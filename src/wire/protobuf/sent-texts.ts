import { asBytes } from './as-bytes.js';

/** Bytes from which on comparing a text costs a fraction of making it, which V8 does in fresh pages of the system. */
export const longTextBytes = 64 * 1024;

/** Where a text is in a message, which is written from the end. */
interface SentText {
  readonly text: string;
  /** Bytes from its beginning to the end of the message. */
  readonly fromEnd: number;
}

/** The long texts of a message by their bytes: of several of one length, the one that is written last. */
export type SentTexts = Map<number, SentText>;

/**
 * What an answer is given to. Plugins that change a payload send back what they have not changed: a text of which every
 * byte is as it was sent is the one that is here already.
 */
export class SentMessage {
  readonly #bytes: Buffer;
  readonly #texts: SentTexts;

  constructor(bytes: Uint8Array, texts: SentTexts) {
    this.#bytes = asBytes(bytes);
    this.#texts = texts;
  }

  /** The text whose bytes are those of the answer from `start` to `stop`; undefined if there is none. */
  textLike(answer: Buffer, start: number, stop: number): string | undefined {
    const length = stop - start;
    const sent = this.#texts.get(length);
    if (sent === undefined) return undefined;
    const from = this.#bytes.length - sent.fromEnd;
    return this.#bytes.compare(answer, start, stop, from, from + length) === 0 ? sent.text : undefined;
  }
}
