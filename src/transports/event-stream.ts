import { isSendableEventId } from './event-id.js';
import { GrowingBuffer } from './growing-buffer.js';
import { isWireMessage, type WireMessage } from './json-rpc.js';
import { type MessageOutline, MessageScanner } from './message-scanner.js';
import { textOf } from './utf8-text.js';

export interface EventStreamOptions {
  /** Longest data of one event. Nothing else of an event is held, but for its id and its name. */
  readonly maxEventBytes: number;
  /** The JSON-RPC messages of one event: one, or those of a batch. */
  readonly onMessages: (messages: readonly WireMessage[]) => void;
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
const newline = Buffer.from('\n');
const byteOrderMark = Buffer.from('\uFEFF');
const dataField = 'data';
const dataStart = Buffer.from('data:');
/** Of lines that are no data only so much is held; more makes no id that could be sent, no name and no number. */
const longestField = 8192;
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
  /** Of an event that is too large: looks whose it is. */
  #scanner: MessageScanner | undefined;
  #scannedBytes = 0;
  #outlines = 0;
  /** Data of the event: a view on the chunk that is being read, as long as it is one line, else a copy. */
  #view: Buffer | undefined;
  readonly #data = new GrowingBuffer();
  #hasData = false;
  #id: string | undefined;
  #name = '';

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  /** An event has begun that is longer than the bound. */
  get isReadingPast(): boolean {
    return this.#scanner !== undefined;
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
    if (this.#view !== undefined) this.#copyView(this.#view);
    return this.#scannedBytes <= mostReadPast * this.#options.maxEventBytes;
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
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (line.subarray(0, byteOrderMark.length).equals(byteOrderMark)) line = line.subarray(byteOrderMark.length);
    }
    if (line.length === 0) this.#endEvent();
    else this.#field(line);
  }

  /** Keeps a piece of a line, or only what there is to know of it. */
  #hold(piece: Buffer): void {
    if (this.#lineIs === 'dropped') return;
    if (this.#lineIs === 'scanned') return this.#scan(piece);
    if (this.#line.length === 0 && piece[0] === colon) {
      this.isBlank = false;
      this.#lineIs = 'dropped';
      return;
    }
    this.#line.append(piece);
    if (this.#line.length <= longestField) return;
    if (!this.#line.peek(dataStart.length).equals(dataStart)) {
      this.#line.clear();
      this.#lineIs = 'dropped';
    } else if (this.#scanner !== undefined || this.#data.length + this.#line.length > this.#mostHeld) {
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
    if (line.length > longestField) return;
    const name = line.toString('latin1', 0, nameEnd);
    if (name === 'id') this.#id = value.toString('utf8');
    else if (name === 'event') this.#name = value.toString('utf8');
    else if (name === 'retry') this.#retry(value.toString('latin1'));
  }

  #addData(value: Buffer): void {
    if (this.#view !== undefined) this.#copyView(this.#view);
    const before = this.#hasData ? this.#data.length + newline.length : 0;
    if (this.#scanner === undefined && before + value.length <= this.#options.maxEventBytes) {
      if (this.#hasData) {
        this.#data.append(newline);
        this.#data.append(value);
      } else this.#view = value;
      this.#hasData = true;
      return;
    }
    if (this.#scanner === undefined) this.#beginToReadPast();
    this.#scan(newline);
    this.#scan(value);
  }

  #copyView(view: Buffer): void {
    this.#view = undefined;
    this.#data.append(view);
  }

  #beginToReadPast(): void {
    this.isBlank = false;
    this.#hasData = true;
    this.#scannedBytes = 0;
    this.#outlines = 0;
    this.#scanner = new MessageScanner((outline) => {
      this.#outlines++;
      this.#options.onTooLarge(outline);
    });
    this.#scan(this.#data.take());
  }

  #scan(piece: Buffer): void {
    this.#scannedBytes += piece.length;
    this.#scanner?.push(piece);
  }

  #retry(value: string): void {
    if (/^\d+$/.test(value)) this.retryMs = Math.min(Math.max(Number(value), shortestRetryMs), longestRetryMs);
  }

  #endEvent(): void {
    const wasTooLarge = this.#scanner !== undefined;
    const data = this.#hasData && !wasTooLarge ? (this.#view ?? this.#data.take()) : undefined;
    const isMessage = this.#name === '' || this.#name === 'message';
    if (this.#hasData || this.#id !== undefined) this.isBlank = false;
    if (this.#id !== undefined) this.#resumableAt(this.#id);
    this.#scanner = undefined;
    this.#scannedBytes = 0;
    this.#view = undefined;
    this.#hasData = false;
    this.#id = undefined;
    this.#name = '';
    if (wasTooLarge && this.#outlines === 0) this.#options.onTooLarge(undefined);
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

/** What comes after the name of a field, and the colon, and one space. */
function valueOf(line: Buffer, nameEnd: number): Buffer {
  return line.subarray(line[nameEnd + 1] === space ? nameEnd + 2 : nameEnd + 1);
}
