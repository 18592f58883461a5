import { isSendableEventId } from './event-id.js';
import { GrowingBuffer } from '../../../wire/framing/growing-buffer.js';
import { messagesIn, type WireMessage } from '../../mcp/json-rpc.js';
import type { MessageOutline } from '../../../wire/framing/message-scanner.js';
import { EventData } from './event-data.js';
import { byteOrderMark, textOf } from '../../../wire/framing/utf8-text.js';

export interface EventStreamOptions {
  /** Longest data of one event. Nothing else of an event is held, but for its id and its name. */
  readonly maxEventBytes: number;
  /** The JSON-RPC messages of one event: one, or those of a batch. */
  readonly onMessages: (messages: readonly WireMessage[]) => void;
  /** An event with another name than `message`. Default: ignored. */
  readonly onNamed?: (name: string, data: string) => void;
  /** An event whose data is no JSON-RPC message. */
  readonly onStray: (data: string) => void;
  /**
   * A message longer than the bound, which was read past, and what can be told of it: nothing where it is none. Those of a
   * batch are told one by one.
   */
  readonly onTooLarge: (outline: MessageOutline | undefined) => void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;
const space = 0x20;
const dataField = 'data';
const dataStart = Buffer.from('data:');
/** Of lines that are no data not much more is held; it makes an id that cannot be sent, no name, and a number over all bounds. */
const longestField = 8192;
const longestName = 5;
/** Times the bound that is read of one event. Its end may never come. */
const mostReadPast = 8;
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
  readonly #line = new GrowingBuffer();
  #lineIs: 'held' | 'dropped' | 'scanned' = 'held';
  #isFirstLine = true;
  /** The last byte was a carriage return, which ends a line alone or with the line feed that follows. */
  #afterReturn = false;
  readonly #data: EventData;
  #id: string | undefined;
  #name = '';

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#data = new EventData(options.maxEventBytes, options.onTooLarge);
  }

  /** An event has begun that is longer than the bound. */
  get isReadingPast(): boolean {
    return this.#data.isOversize;
  }

  /** False when so much has been read past that its end cannot be waited for. */
  push(chunk: Buffer): boolean {
    let start = 0;
    if (this.#afterReturn && chunk.length > 0) {
      this.#afterReturn = false;
      if (chunk[0] === lineFeed) start = 1;
    }
    let feed = chunk.indexOf(lineFeed, start);
    let back = chunk.indexOf(carriageReturn, start);
    while (feed !== -1 || back !== -1) {
      const end = back === -1 || (feed !== -1 && feed < back) ? feed : back;
      this.#endLine(chunk.subarray(start, end));
      start = end + 1;
      if (end === back) {
        if (start === chunk.length) this.#afterReturn = true;
        else if (chunk[start] === lineFeed) start++;
        back = chunk.indexOf(carriageReturn, start);
      }
      if (feed !== -1 && feed < start) feed = chunk.indexOf(lineFeed, start);
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    this.#data.copyView();
    return this.#data.bytesReadPast <= mostReadPast * this.#options.maxEventBytes;
  }

  /**
   * No more comes, and nothing broke off. Some servers leave out the empty line behind their last event: where a message is
   * whole without it, it is taken. Nothing else of such an event counts, most of all not its id.
   */
  end(): void {
    if (this.#line.length > 0 || this.#lineIs !== 'held') this.#endLine(Buffer.alloc(0));
    if (this.#data.isOversize) return;
    const data = this.#data.end();
    if (data === undefined || !this.#isMessage) return;
    const messages = messagesIn(textOf(data));
    if (messages.length > 0) this.#options.onMessages(messages);
  }

  #endLine(end: Buffer): void {
    let line = end;
    if (this.#line.length > 0 || this.#lineIs !== 'held') {
      this.#hold(end);
      line = this.#line.take();
      const wasHeld = this.#lineIs === 'held';
      this.#lineIs = 'held';
      if (!wasHeld) return;
    }
    if (this.#isFirstLine) line = this.#unmarked(line);
    if (line.length === 0) this.#endEvent();
    else this.#field(line);
  }

  /** The first line without its byte order mark. */
  #unmarked(line: Buffer): Buffer {
    this.#isFirstLine = false;
    return line.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? line.subarray(byteOrderMark.length) : line;
  }

  /** Keeps a piece of a line, or only what there is to know of it. */
  #hold(piece: Buffer): void {
    if (this.#lineIs === 'dropped') return;
    if (this.#lineIs === 'scanned') return this.#data.readPast(piece);
    if (this.#line.length === 0 && piece[0] === colon) {
      this.isBlank = false;
      this.#lineIs = 'dropped';
      return;
    }
    this.#line.append(piece);
    if (this.#line.length <= longestField) return;
    if (this.#isFirstLine) this.#line.append(this.#unmarked(this.#line.take()));
    if (!this.#line.peek(dataStart.length).equals(dataStart)) {
      this.#field(this.#line.take());
      this.#lineIs = 'dropped';
    } else if (this.#data.isOversize || this.#data.bytesCopied + this.#line.length > this.#mostHeld) {
      this.#addData(valueOf(this.#line.take(), dataField.length));
      this.#lineIs = 'scanned';
    }
  }

  /** Bytes of one event and the name of its field. */
  get #mostHeld(): number {
    return this.#options.maxEventBytes + longestField;
  }

  #field(line: Buffer): void {
    const at = line.indexOf(colon);
    if (at === 0) {
      this.isBlank = false;
      return;
    }
    const nameEnd = at === -1 ? line.length : at;
    const value = valueOf(line, nameEnd);
    if (nameEnd === dataField.length && startsWithData(line)) return this.#addData(value);
    if (nameEnd > longestName) return;
    const name = line.toString('latin1', 0, nameEnd);
    const text = value.subarray(0, longestField).toString('utf8');
    if (name === 'id') this.#id = text;
    else if (name === 'event') this.#name = text;
    else if (name === 'retry') this.#retry(text);
  }

  #addData(value: Buffer): void {
    this.#data.addLine(value);
    if (this.#data.isOversize) this.isBlank = false;
  }

  #retry(value: string): void {
    if (/^\d+$/.test(value)) this.retryMs = Math.min(Math.max(Number(value), shortestRetryMs), longestRetryMs);
  }

  #endEvent(): void {
    const isMessage = this.#isMessage;
    const name = this.#name;
    if (this.#data.hasLines || this.#id !== undefined) this.isBlank = false;
    if (this.#id !== undefined) this.#resumableAt(this.#id);
    this.#id = undefined;
    this.#name = '';
    const data = this.#data.end();
    if (data === undefined || data.length === 0) return;
    if (isMessage) this.#message(textOf(data));
    else this.#options.onNamed?.(name, textOf(data));
  }

  get #isMessage(): boolean {
    return this.#name === '' || this.#name === 'message';
  }

  #resumableAt(id: string): void {
    if (isSendableEventId(id)) this.lastEventId = id;
    else this.hasUnsendableId = true;
  }

  #message(data: string): void {
    const messages = messagesIn(data);
    if (messages.length > 0) this.#options.onMessages(messages);
    else this.#options.onStray(data);
  }
}

function startsWithData(line: Buffer): boolean {
  return line.toString('latin1', 0, dataField.length) === dataField;
}

/** What comes after the name of a field, and the colon, and one space. */
function valueOf(line: Buffer, nameEnd: number): Buffer {
  return line.subarray(line[nameEnd + 1] === space ? nameEnd + 2 : nameEnd + 1);
}
