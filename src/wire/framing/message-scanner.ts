import { byteOrderMark } from './utf8-text.js';

/** What can be told of a JSON-RPC message without holding it. */
export interface MessageOutline {
  /** Undefined where there is none, or where it is no number, no text and not null. */
  readonly id: number | string | null | undefined;
  /** It asks or tells something; without it, it is an answer. */
  readonly hasMethod: boolean;
  /** It says that it is JSON-RPC, as lines of a log do not. */
  readonly hasVersion: boolean;
}

/** Bytes of a name or an id that are kept; longer ones are nobody's. */
const longestToken = 256;

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/**
 * Tells whose a JSON-RPC message is that is too long to be held, or that is not quite JSON: looks for the members `id` and
 * `method` of the outermost object, or of each object of a batch, in pieces of any size. Holds a few hundred bytes.
 */
export class MessageScanner {
  readonly #onMessage: (outline: MessageOutline) => void;
  /** The depth at which messages are: 0, in a batch 1, in other text nowhere; undefined before anything has come. */
  #base: number | undefined;
  #depth = 0;
  #string: 'none' | 'open' | 'escaped' = 'none';
  /** Where we are in a message: `outside`, at the `name` of a member, or at its `value`. */
  #place: 'outside' | 'name' | 'value' = 'outside';
  /** What has come of the name or the value, as it is written; undefined when it is of no interest or too long. */
  #token: number[] | undefined;
  #name: unknown;
  #id: MessageOutline['id'];
  #hasMethod = false;
  #hasVersion = false;

  constructor(onMessage: (outline: MessageOutline) => void) {
    this.#onMessage = onMessage;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#string === 'open' && this.#token === undefined) at = endOfPlain(bytes, at);
      const byte = bytes[at];
      if (byte === undefined) return;
      if (this.#string === 'none') this.#structure(byte);
      else this.#inString(byte);
    }
  }

  /** The text is over: what is known of a message that is not complete is told too. */
  end(): void {
    if (this.#place !== 'outside') this.#tell();
  }

  #inString(byte: number): void {
    this.#keep(byte);
    if (this.#string === 'escaped') this.#string = 'open';
    else if (byte === backslash) this.#string = 'escaped';
    else if (byte === quote) this.#string = 'none';
  }

  #structure(byte: number): void {
    if (isSpace(byte) || (this.#base === undefined && byteOrderMark.includes(byte))) return;
    this.#base ??= byte === openBracket ? 1 : byte === openBrace ? 0 : Number.NaN;
    const isMember = this.#place !== 'outside' && this.#depth === this.#base + 1;
    if (byte === openBrace || byte === openBracket) {
      if (byte === openBrace && this.#depth === this.#base) this.#begin();
      else if (isMember) this.#token = undefined;
      this.#depth++;
    } else if (byte === closeBrace || byte === closeBracket) {
      this.#depth--;
      if (isMember) this.#tell();
    } else if (byte === quote) {
      this.#string = 'open';
      if (isMember) this.#keep(byte);
    } else if (!isMember) {
      return;
    } else if (byte === colon) this.#beginValue();
    else if (byte === comma) this.#beginName();
    else this.#keep(byte);
  }

  #begin(): void {
    this.#id = undefined;
    this.#hasMethod = false;
    this.#hasVersion = false;
    this.#place = 'name';
    this.#token = [];
  }

  #beginValue(): void {
    this.#name = this.#parsed();
    this.#place = 'value';
    if (this.#name === 'method') this.#hasMethod = true;
    if (this.#name === 'jsonrpc') this.#hasVersion = true;
    this.#token = this.#name === 'id' ? [] : undefined;
  }

  #beginName(): void {
    this.#takeId();
    this.#place = 'name';
    this.#token = [];
  }

  #takeId(): void {
    if (this.#place !== 'value' || this.#name !== 'id') return;
    const id = this.#parsed();
    this.#id = typeof id === 'number' || typeof id === 'string' || id === null ? id : undefined;
  }

  #tell(): void {
    this.#takeId();
    this.#place = 'outside';
    this.#token = undefined;
    this.#onMessage({ id: this.#id, hasMethod: this.#hasMethod, hasVersion: this.#hasVersion });
  }

  #keep(byte: number): void {
    if (this.#token !== undefined && this.#token.push(byte) > longestToken) this.#token = undefined;
  }

  #parsed(): unknown {
    try {
      return JSON.parse(Buffer.from(this.#token ?? []).toString());
    } catch {
      return undefined;
    }
  }
}

/** Where the part of a string ends that holds neither its end nor an escape. */
function endOfPlain(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== backslash) at++;
  return at;
}
