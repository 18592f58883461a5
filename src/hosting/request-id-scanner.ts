import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import { isRequestId } from './incoming-message.js';

/** Bytes that a name or an id may have to be found. */
const maxTokenBytes = 1024;

const [quote, backslash, comma, colon, openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('"\\,:{}[]');

/**
 * Finds the id of a JSON-RPC request in bytes that cannot be kept or parsed, because they are too many or broken, so
 * that its sender can be told. Looks at members of the outermost object alone.
 */
export class RequestIdScanner {
  #depth = 0;
  #position: 'name' | 'value' = 'name';
  #within: 'nothing' | 'string' | 'escape' = 'nothing';
  /** The name or value at hand, as far as it is of interest. */
  #token: number[] = [];
  #name: unknown;
  #id: unknown;
  #sawMethod: 'no' | 'yes' = 'no';

  /** The id, if this is a request and its id can be used. */
  get id(): RequestId | undefined {
    return this.#sawMethod === 'yes' && isRequestId(this.#id) ? this.#id : undefined;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#read(byte);
  }

  #read(byte: number): void {
    if (this.#within !== 'nothing') {
      this.#keep(byte);
      if (this.#within === 'escape') this.#within = 'string';
      else if (byte === backslash) this.#within = 'escape';
      else if (byte === quote) this.#within = 'nothing';
      return;
    }
    switch (byte) {
      case quote:
        this.#within = 'string';
        return this.#keep(byte);
      case openBrace:
      case openBracket:
        this.#keep(byte);
        if (this.#depth++ === 0) this.#token = [];
        return;
      case closeBrace:
      case closeBracket:
        if (this.#depth === 1) this.#endMember();
        this.#depth = Math.max(0, this.#depth - 1);
        return this.#keep(byte);
      case colon:
        if (this.#depth !== 1 || this.#position !== 'name') return this.#keep(byte);
        this.#name = this.#tokenValue();
        this.#position = 'value';
        return;
      case comma:
        if (this.#depth === 1) return this.#endMember();
        return this.#keep(byte);
      default:
        return this.#keep(byte);
    }
  }

  #keep(byte: number): void {
    // Only what a name can be, or the value of `id`, is of interest; one byte more than that shows that it is too long.
    const wanted = this.#position === 'name' || this.#name === 'id';
    if (wanted && this.#depth <= 1 && this.#token.length <= maxTokenBytes) this.#token.push(byte);
  }

  #endMember(): void {
    if (this.#name === 'method') this.#sawMethod = 'yes';
    if (this.#name === 'id') this.#id = this.#tokenValue();
    this.#name = undefined;
    this.#token = [];
    this.#position = 'name';
  }

  #tokenValue(): unknown {
    const token = Buffer.from(this.#token).toString('utf8');
    this.#token = [];
    if (token.length > maxTokenBytes) return undefined;
    try {
      return JSON.parse(token);
    } catch {
      return undefined;
    }
  }
}
