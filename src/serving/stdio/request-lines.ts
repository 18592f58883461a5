import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import { GrowingBuffer } from '../../wire/framing/growing-buffer.js';
import { type MessageOutline, MessageScanner } from '../../wire/framing/message-scanner.js';
import { isRequestId } from '../mcp/incoming-message.js';

const newline = 0x0a;
const carriageReturn = 0x0d;

export interface RequestLinesDependencies {
  /** Bytes a line may have. */
  readonly maxBytes: number;
  /** Takes a line without its end; false if no further one can be taken now. The bytes are valid until it returns. */
  readonly onLine: (line: Buffer) => boolean;
  /** Told of a line that is too long, with the ids of the requests in it; false likewise. */
  readonly onTooLong: (ids: readonly RequestId[]) => boolean;
}

/** Cuts a byte stream into lines, and stops between two of them when asked to. One that is too long is read past. */
export class RequestLines {
  readonly #dependencies: RequestLinesDependencies;
  readonly #held = new GrowingBuffer();
  /** There while a line is read past. */
  #long: RequestIds | undefined;

  constructor(dependencies: RequestLinesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Gives the bytes of the chunk that were read: all of them, unless a line was taken and no further one can be. */
  push(chunk: Buffer): number {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end);
      start = end + 1;
      if (!this.#end(line)) return start;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return chunk.length;
  }

  /** The stream is over; its last line needs no line end. */
  end(): void {
    if (this.#long !== undefined || this.#held.length > 0) this.#end(Buffer.alloc(0));
  }

  #keep(piece: Buffer): void {
    if (this.#long === undefined && this.#held.length + piece.length > this.#dependencies.maxBytes) {
      this.#long = new RequestIds();
      this.#long.push(this.#held.take());
    }
    if (this.#long === undefined) this.#held.append(piece);
    else this.#long.push(piece);
  }

  #end(last: Buffer): boolean {
    if (this.#held.length === 0 && this.#long === undefined && last.length <= this.#dependencies.maxBytes) {
      return this.#dependencies.onLine(withoutReturn(last));
    }
    this.#keep(last);
    if (this.#long === undefined) return this.#dependencies.onLine(withoutReturn(this.#held.take()));
    const ids = this.#long.end();
    this.#long = undefined;
    return this.#dependencies.onTooLong(ids);
  }
}

/** The ids of the requests in bytes that cannot be kept or parsed, so that those who sent them can be told. */
export function requestIdsIn(bytes: Uint8Array): readonly RequestId[] {
  const ids = new RequestIds();
  ids.push(bytes);
  return ids.end();
}

class RequestIds {
  readonly #found: RequestId[] = [];
  readonly #scanner = new MessageScanner((outline) => this.#take(outline));

  push(bytes: Uint8Array): void {
    this.#scanner.push(bytes);
  }

  end(): readonly RequestId[] {
    this.#scanner.end();
    return this.#found;
  }

  #take({ id, hasMethod }: MessageOutline): void {
    if (hasMethod && isRequestId(id) && this.#found.length < mostIds) this.#found.push(id);
  }
}

/** Ids that are kept of one line: a batch has no other bound. */
const mostIds = 1000;

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
