import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isRefusal } from './authentication.js';
import { type Refusal, refuse } from './http-answers.js';

/** The head of an answer that is about to be written. */
export interface ResponseHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers to add to the head of an answer. */
export interface HeadChange {
  readonly headers: Readonly<Record<string, string>>;
}

/** Gives what changes of the head of an answer, or what is answered in its place. Must not reject. */
export type LookAtHead = (head: ResponseHead) => Promise<HeadChange | Refusal>;

type Head = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * An answer whose head somebody may look at before it goes out, whoever writes it. What is written meanwhile waits; the
 * callbacks of `write` and `end` are not taken.
 */
export class HttpResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  #look: LookAtHead | undefined;
  /** `held`: the head is being looked at; `replaced`: something else was answered, and what is written goes nowhere. */
  #phase: 'open' | 'held' | 'replaced' = 'open';
  #waiting: (() => void)[] = [];
  #waitingBytes = 0;

  /** Has the head looked at when it is written. */
  lookAtHead(look: LookAtHead): void {
    this.#look = look;
    // Whoever writes an answer asks these two. They are properties to the compiler, which cannot be overridden by getters.
    Object.defineProperties(this, {
      headersSent: { get: () => this.#phase !== 'open' || this.#inherited('headersSent') === true },
      writableLength: { get: () => Number(this.#inherited('writableLength')) + this.#waitingBytes },
    });
  }

  override writeHead(status: number, message?: string, headers?: Head): this;
  override writeHead(status: number, headers?: Head): this;
  override writeHead(status: number, message?: string | Head, headers?: Head): this {
    const head = typeof message === 'string' ? headers : message;
    const look = this.#look;
    if (look === undefined) return super.writeHead(status, head);
    if (Array.isArray(head)) throw new TypeError('The head of an answer that is looked at has to be a record');
    this.#look = undefined;
    this.#phase = 'held';
    void this.#decide(look, status, head);
    return this;
  }

  override write(chunk: unknown): boolean {
    if (this.#phase === 'open') return super.write(chunk);
    this.#hold(() => super.write(chunk), chunk);
    return true;
  }

  override end(chunk?: unknown): this {
    if (this.#phase === 'open') return super.end(chunk);
    this.#hold(() => super.end(chunk), chunk);
    return this;
  }

  override flushHeaders(): void {
    if (this.#phase === 'open') super.flushHeaders();
    else this.#hold(() => super.flushHeaders());
  }

  #hold(write: () => void, chunk?: unknown): void {
    if (this.#phase === 'replaced') return;
    this.#waiting.push(write);
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.#waitingBytes += chunk.length;
  }

  async #decide(look: LookAtHead, status: number, head: OutgoingHttpHeaders = {}): Promise<void> {
    const decided = await look({ status, headers: textsOf(head) });
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#phase = 'open';
    // The client has gone meanwhile.
    if (this.destroyed) return;
    if (isRefusal(decided)) {
      refuse(this, decided);
      this.#phase = 'replaced';
      return;
    }
    this.writeHead(status, { ...textsOf(head), ...decided.headers });
    for (const write of waiting) write();
  }

  #inherited(property: string): unknown {
    return Reflect.get(ServerResponse.prototype, property, this);
  }
}

/** Names in lower case. */
function textsOf(head: OutgoingHttpHeaders): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [name, value] of Object.entries(head)) {
    if (value !== undefined) texts.push([name.toLowerCase(), Array.isArray(value) ? value.join(', ') : `${value}`]);
  }
  return Object.fromEntries(texts);
}
