import { ByteSlab, textOf } from './byte-slab.js';
import { isSendableEventId } from './event-id.js';
import { isWireMessage, type WireMessage } from './json-rpc.js';

export interface EventStreamOptions {
  /** Longest data of one event. Nothing else of an event is held, but for its id and its name. */
  readonly maxEventBytes: number;
  /** The JSON-RPC messages of one event: one, or those of a batch. */
  readonly onMessages: (messages: readonly WireMessage[]) => void;
  /** An event whose data is no JSON-RPC message. */
  readonly onStray: (data: string) => void;
  /** An event whose data is longer than the bound. It is read past; `start` is how it begins. */
  readonly onTooLarge: (start: string) => void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;
const space = 0x20;
const newline = Buffer.from('\n');
const byteOrderMark = Buffer.from('\uFEFF');
const dataField = 'data';
/** Of lines that are no data only so much is held; more makes no id that could be sent, no name and no number. */
const longestField = 8192;
const longestStart = 1024;
const shortestRetryMs = 100;
export const longestRetryMs = 30_000;

/**
 * Server-sent events of an MCP answer or event stream, read as the HTML standard says. Lines are cut and counted as bytes
 * and become text when their event is whole, so that what is held is never more than what came: parsers of strings join
 * them line by line, and hold comments, which can be endless, until they end.
 */
export class EventStream {
  /** Of the last event that had one: where the stream can be resumed. Empty where the server said: nowhere. */
  lastEventId: string | undefined;
  /** The server named a place to resume at that no header can name. */
  hasUnsendableId = false;
  /** What the server asks for, in milliseconds, within bounds: it is to set our pace, but not to make us busy or mute. */
  retryMs: number | undefined;
  /** Nothing has come yet that belongs to such a stream: no event, and no comment to keep it alive. */
  isBlank = true;
  readonly #options: EventStreamOptions;
  /** What has come of a line whose end has not. */
  readonly #line = new ByteSlab();
  #lineIs: 'held' | 'dropped' = 'held';
  #isFirstLine = true;
  /** The last byte was a carriage return, which ends a line alone or with the line feed that follows. */
  #afterReturn = false;
  #event: 'open' | 'tooLarge' = 'open';
  /** Data of the event: a view on the chunk that is being read, as long as it is one line, else a copy. */
  #view: Buffer | undefined;
  readonly #data = new ByteSlab();
  #hasData = false;
  #id: string | undefined;
  #name = '';

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    let start = 0;
    if (this.#afterReturn && chunk.length > 0) {
      this.#afterReturn = false;
      if (chunk[0] === lineFeed) start = 1;
    }
    let feed = chunk.indexOf(lineFeed, start);
    let back = chunk.indexOf(carriageReturn, start);
    while (feed !== -1 || back !== -1) {
      const end = back === -1 || (feed !== -1 && feed < back) ? feed : back;
      this.#endLine(chunk, start, end);
      start = end + 1;
      if (end === back) {
        if (start === chunk.length) this.#afterReturn = true;
        else if (chunk[start] === lineFeed) start++;
        back = chunk.indexOf(carriageReturn, start);
      }
      if (feed !== -1 && feed < start) feed = chunk.indexOf(lineFeed, start);
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    if (this.#view !== undefined) this.#copyView(this.#view);
  }

  #endLine(chunk: Buffer, start: number, end: number): void {
    let line = chunk.subarray(start, end);
    if (this.#line.length > 0 || this.#lineIs === 'dropped') {
      this.#hold(line);
      line = this.#line.take();
      const dropped = this.#lineIs === 'dropped';
      this.#lineIs = 'held';
      if (dropped) return;
    }
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (line.subarray(0, byteOrderMark.length).equals(byteOrderMark)) line = line.subarray(byteOrderMark.length);
    }
    if (line.length === 0) this.#endEvent();
    else this.#field(line);
  }

  /** Keeps a piece of a line, or only that there was one. */
  #hold(piece: Buffer): void {
    if (this.#lineIs === 'dropped') return;
    const first = this.#line.length === 0 ? piece[0] : undefined;
    if (first === colon) {
      this.isBlank = false;
      this.#lineIs = 'dropped';
      return;
    }
    this.#line.append(piece);
    if (this.#line.length <= longestField) return;
    if (this.#event === 'open' && startsWithData(this.#line.peek(dataField.length))) {
      if (this.#data.length + this.#line.length <= this.#options.maxEventBytes + dataField.length + 2) return;
      this.#tooLarge(this.#line.peek(longestStart));
    }
    this.#line.clear();
    this.#lineIs = 'dropped';
  }

  #field(line: Buffer): void {
    const at = line.indexOf(colon);
    if (at === 0) {
      this.isBlank = false;
      return;
    }
    const nameEnd = at === -1 ? line.length : at;
    const valueStart = at === -1 ? line.length : line[at + 1] === space ? at + 2 : at + 1;
    if (nameEnd === dataField.length && startsWithData(line)) return this.#addData(line.subarray(valueStart));
    if (line.length > longestField) return;
    const name = line.toString('latin1', 0, nameEnd);
    if (name === 'id') this.#id = line.toString('utf8', valueStart);
    else if (name === 'event') this.#name = line.toString('utf8', valueStart);
    else if (name === 'retry') this.#retry(line.toString('latin1', valueStart));
  }

  #addData(value: Buffer): void {
    if (this.#event === 'tooLarge') return;
    if (this.#view !== undefined) this.#copyView(this.#view);
    const before = this.#hasData ? this.#data.length + newline.length : 0;
    if (before + value.length > this.#options.maxEventBytes) return this.#tooLarge(value);
    if (this.#hasData) {
      this.#data.append(newline);
      this.#data.append(value);
    } else this.#view = value;
    this.#hasData = true;
  }

  #copyView(view: Buffer): void {
    this.#view = undefined;
    this.#data.append(view);
  }

  #tooLarge(latest: Buffer): void {
    const start = this.#data.length > 0 ? this.#data.peek(longestStart) : latest;
    const text = textOf(start.subarray(0, longestStart)).replace(/^data: ?/, '');
    this.#event = 'tooLarge';
    this.isBlank = false;
    this.#view = undefined;
    this.#data.clear();
    this.#options.onTooLarge(text);
  }

  #retry(value: string): void {
    if (/^\d+$/.test(value)) this.retryMs = Math.min(Math.max(Number(value), shortestRetryMs), longestRetryMs);
  }

  #endEvent(): void {
    const wasOpen = this.#event === 'open';
    const data = this.#hasData && wasOpen ? (this.#view ?? this.#data.take()) : undefined;
    const isMessage = this.#name === '' || this.#name === 'message';
    if (this.#hasData || this.#id !== undefined) this.isBlank = false;
    if (this.#id !== undefined) this.#resumableAt(this.#id);
    this.#event = 'open';
    this.#view = undefined;
    this.#hasData = false;
    this.#id = undefined;
    this.#name = '';
    if (data !== undefined && data.length > 0 && isMessage) this.#message(textOf(data));
  }

  #resumableAt(id: string): void {
    if (isSendableEventId(id)) this.lastEventId = id;
    else this.hasUnsendableId = true;
  }

  #message(data: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(data);
    } catch {
      return this.#options.onStray(data);
    }
    const messages = (Array.isArray(parsed) ? parsed : [parsed]).filter(isWireMessage);
    if (messages.length > 0) this.#options.onMessages(messages);
    else this.#options.onStray(data);
  }
}

function startsWithData(line: Buffer): boolean {
  return line.toString('latin1', 0, dataField.length) === dataField;
}
