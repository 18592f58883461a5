import type { ServerResponse } from 'node:http';
import { headersOf, takeHead } from './answer-head.js';
import { type HttpHead, type HttpPass, type HttpRefusal, isHttpRefusal } from './http-exchange.js';
import { refuseAnswer, type SentAnswer, sentAnswer } from './sent-answer.js';
import { UntouchedSocket } from './untouched-socket.js';

/** Decides about an answer before its first byte; asked once, with undefined where the client has left before. */
export type DecideAnswer = (head: HttpHead | undefined) => Promise<HttpPass | HttpRefusal>;

/** What is answered instead of something that Node will not send. */
export type RefuseAnswer = (error: unknown) => HttpRefusal;

/**
 * Holds the head of an answer back until it is decided about. Whatever writes it (handlers, streams, error handlers, a reply
 * that a framework gave up) goes through the methods of the response, and waits; its bytes are not looked at.
 */
export function holdAnswer(response: ServerResponse, decide: DecideAnswer, unsendable: RefuseAnswer): void {
  new HeldAnswer(response, decide, unsendable).hold();
}

type Callback = (error?: Error | null) => void;

/**
 * `open`: nothing was written. `deciding`: writes wait. `passed`: writes go through. `refused`: something else was answered,
 * and writes come to nothing.
 */
type Phase = 'open' | 'deciding' | 'passed' | 'refused';

class HeldAnswer {
  readonly #response: ServerResponse;
  readonly #decide: DecideAnswer;
  readonly #unsendable: RefuseAnswer;
  readonly #sent: SentAnswer;
  readonly #socket: UntouchedSocket;
  readonly #waiting: { readonly go: () => void; readonly callback: Callback | undefined }[] = [];
  #phase: Phase = 'open';
  #isEnded = false;
  #isBeginning = false;
  #needsDrain = false;

  constructor(response: ServerResponse, decide: DecideAnswer, unsendable: RefuseAnswer) {
    this.#response = response;
    this.#decide = decide;
    this.#unsendable = unsendable;
    this.#sent = sentAnswer(response);
    this.#socket = new UntouchedSocket(response);
  }

  hold(): void {
    const response = this.#response;
    const { writeHead, write, end, flushHeaders } = this.#sent;
    this.#closeHead();
    response.writeHead = (...args: unknown[]) => {
      if (this.#phase === 'passed') return applied(response, writeHead, args);
      if (this.#phase === 'deciding') throw headersSent();
      if (this.#phase === 'open') takeHead(response, args);
      if (!this.#isBeginning) this.#wait(() => void writeHead(response.statusCode));
      return response;
    };
    response.flushHeaders = () => {
      if (this.#phase === 'passed') flushHeaders();
      else this.#begin(() => flushHeaders());
    };
    response.write = (...args: unknown[]): boolean => {
      if (this.#phase === 'passed') return Reflect.apply(write, response, args) === true;
      this.#needsDrain = true;
      this.#begin(() => void Reflect.apply(write, response, args), callbackIn(args));
      return false;
    };
    response.end = (...args: unknown[]) => {
      if (this.#phase === 'passed') return applied(response, end, args);
      this.#isEnded = true;
      this.#begin(() => void Reflect.apply(end, response, args), callbackIn(args));
      return response;
    };
    // What may come before an answer has been looked at by nobody, and clients can do without it.
    response.writeEarlyHints = (_hints, callback) => {
      if (callback !== undefined) process.nextTick(callback);
    };
    this.#allowContinue();
    this.#askOnce();
    this.#showProgress();
    response.once('close', () => {
      if (this.#phase !== 'open') return;
      this.#phase = 'passed';
      if (this.#socket.isTouched) this.#unsendable(writtenBeside());
      void this.#decide(undefined);
    });
  }

  /** As in Node, the head of an answer cannot be changed any more when it has begun: it is what plugins look at. */
  #closeHead(): void {
    const response = this.#response;
    for (const name of ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const) {
      const change: Function = response[name];
      Object.defineProperty(response, name, {
        configurable: true,
        writable: true,
        value: (...args: unknown[]): unknown => {
          if (this.#phase === 'deciding') throw headersSent();
          return Reflect.apply(change, response, args);
        },
      });
    }
  }

  /** 100 and 102 say nothing that a handler could put in. */
  #allowContinue(): void {
    const response = this.#response;
    for (const name of ['writeContinue', 'writeProcessing'] as const) {
      const write: Function = response[name];
      Object.defineProperty(response, name, {
        configurable: true,
        writable: true,
        value: (...args: unknown[]): unknown => this.#socket.allowing(() => Reflect.apply(write, response, args)),
      });
    }
  }

  /** What wraps the head adds to it before plugins look at it, and not when Node asks for it, which is later. */
  #begin(go: () => void, callback?: Callback): void {
    if (this.#phase === 'open') {
      this.#isBeginning = true;
      try {
        this.#response.writeHead(this.#response.statusCode);
      } finally {
        this.#isBeginning = false;
      }
    }
    this.#wait(go, callback);
  }

  /** Node asks for a head until it has one, and so does older middleware. */
  #askOnce(): void {
    const response = this.#response;
    const name = '_implicitHeader';
    const ask: unknown = Reflect.get(response, name);
    if (typeof ask !== 'function') return;
    const value = (): void => {
      if (this.#phase === 'open') Reflect.apply(ask, response, []);
      else if (this.#phase !== 'deciding') this.#sent.writeHead(response.statusCode);
    };
    Object.defineProperty(response, name, { configurable: true, writable: true, value });
  }

  /** For whoever asks whether an answer has begun or ended: what waits has. */
  #showProgress(): void {
    const response = this.#response;
    const shown = (name: 'headersSent' | 'writableEnded', waits: () => boolean): void => {
      const isSo = (): boolean => Reflect.get(Object.getPrototypeOf(response), name, response) === true;
      Object.defineProperty(response, name, { configurable: true, get: () => waits() || isSo() });
    };
    shown('headersSent', () => this.#phase === 'deciding');
    shown('writableEnded', () => this.#phase === 'deciding' && this.#isEnded);
  }

  #wait(go: () => void, callback?: Callback): void {
    if (this.#phase === 'refused') {
      callback?.(new Error('the answer was refused'));
      return;
    }
    this.#waiting.push({ go, callback });
    if (this.#phase !== 'open') return;
    this.#phase = 'deciding';
    void this.#settle();
  }

  async #settle(): Promise<void> {
    const response = this.#response;
    const { statusCode: status, statusMessage } = response;
    const verdict = await this.#decide({ status, headers: headersOf(response) });
    this.#phase = 'passed';
    if (this.#socket.isTouched) {
      // What was written is on its way, and an answer behind it would be taken for a part of it, or for the next one's.
      this.#unsendable(writtenBeside());
      response.destroy();
      this.#turnDown();
      return;
    }
    if (isHttpRefusal(verdict)) {
      this.#refuse(verdict);
      return;
    }
    try {
      response.statusCode = status;
      response.statusMessage = statusMessage;
      for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.go();
    } catch (error) {
      // Node would have thrown it where the handler wrote, which is over: nobody but us can end the answer.
      this.#refuse(this.#unsendable(error));
      return;
    }
    if (this.#needsDrain && !this.#isEnded && !response.writableNeedDrain) response.emit('drain');
  }

  #refuse(refusal: HttpRefusal): void {
    refuseAnswer(this.#response, this.#sent, refusal);
    this.#turnDown();
  }

  #turnDown(): void {
    this.#phase = 'refused';
    for (const { callback } of this.#waiting.splice(0)) callback?.(new Error('the answer was refused'));
  }
}

function applied<Response extends ServerResponse>(response: Response, method: Function, args: unknown[]): Response {
  Reflect.apply(method, response, args);
  return response;
}

function writtenBeside(): Error {
  return new Error('it was written to the socket and not as an answer, past the plugins that look at answers');
}

function headersSent(): Error {
  return Object.assign(new Error('Cannot change headers after they are sent to the client'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}

function callbackIn(args: readonly unknown[]): Callback | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (error) => void Reflect.apply(last, undefined, [error]) : undefined;
}
