import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Clock, TimerHandle } from '../../../time/clock.js';
import type { ConnectionPool } from './connection-pools.js';
import { ContentDecoder, contentCodings } from './content-decoder.js';
import { isCertificateAlert } from './http-errors.js';
import type { Place } from './request-queue.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds without a byte; 0 waits for ever. */
  readonly idleTimeoutMs: number;
  /** Does not wait for a free connection: where none is, it has one of its own. */
  readonly isUrgent?: boolean;
}

/** Hears one answer. `head` may throw or `data` may throw: the exchange then fails with what was thrown. */
export interface HttpReceiver {
  head(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(error: Error, stage: HttpStage): void;
}

/** How far a request got: no connection was free, none could be made, or some of it may have reached the server. */
export type HttpStage = 'queued' | 'connecting' | 'sent';

/** What whoever has sent a request can do about it. */
export type RunningExchange = Pick<Exchange, 'stage' | 'cancel' | 'skip' | 'endWithin'>;

/** Who sends exchanges, and what it is told of them. */
export interface ExchangeOwner {
  readonly clock: Clock;
  /** Its connection broke under it. */
  broke(exchange: Exchange): void;
  /** It needs its connection, or its place in the queue, no more. */
  released(exchange: Exchange): void;
  /** The one with this index is not heard of any more. */
  ended(index: number): void;
}

/** One request and its answer, decoded. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: HttpRequest;
  /** Where its owner keeps it while it may be heard of. */
  index: number | undefined;
  /** Its place in the queue, while it waits for a connection. */
  place: Place<Exchange> | undefined;
  /** What it is sent on; undefined while it waits for a connection. */
  pool: ConnectionPool | undefined;
  readonly #owner: ExchangeOwner;
  #receiver: HttpReceiver | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #decoder: ContentDecoder | undefined;
  #isSkipping = false;
  #isReleased = false;
  /** Runs when all that mattered has come. */
  #lingerTimer: TimerHandle | undefined;
  /** Told when all that came has been decoded, after the exchange itself is over. */
  #afterDecoding: (() => void) | undefined;

  constructor(owner: ExchangeOwner, request: HttpRequest, receiver: HttpReceiver) {
    this.#owner = owner;
    this.request = request;
    this.#receiver = receiver;
  }

  /** Ends it; the receiver hears nothing more. */
  cancel(): void {
    this.#receiver = undefined;
    this.#decoder?.destroy();
    this.#end();
    this.#abort(new Error('cancelled'));
  }

  /** Ends it; the receiver hears `error`. */
  fail(error: Error): void {
    const receiver = this.#receiver;
    const stage = this.stage;
    this.cancel();
    receiver?.failed(error, stage);
  }

  /** What still comes is read, so that the connection can be used again, and not told. */
  skip(): void {
    this.#isSkipping = true;
    this.#decoder?.destroy();
    if (this.#decoder !== undefined) this.#controller?.resume();
    this.#decoder = undefined;
  }

  /** The server should end its answer now. One that has not done so within `ms` milliseconds loses the connection. */
  endWithin(ms: number): void {
    this.#lingerTimer = this.#owner.clock.setTimeout(() => {
      const receiver = this.#receiver;
      this.cancel();
      receiver?.end();
    }, ms);
  }

  get stage(): HttpStage {
    if (this.pool === undefined) return 'queued';
    return this.#controller === undefined ? 'connecting' : 'sent';
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#receiver === undefined) controller.abort(new Error('cancelled'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    try {
      if (status >= 200) this.#decode(controller, headers['content-encoding']);
      this.#receiver?.head(status, headers);
    } catch (error) {
      this.#threw(error);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSkipping) return;
    if (this.#decoder === undefined) this.#data(chunk);
    else this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    this.#whenDecoded((receiver) => receiver.end());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const stage = isCertificateAlert(error) ? 'connecting' : this.stage;
    if (this.#receiver !== undefined && stage === 'sent') this.#owner.broke(this);
    this.#release();
    this.#whenDecoded((receiver) => receiver.failed(error, stage));
  }

  #decode(controller: Dispatcher.DispatchController, header: string | string[] | undefined): void {
    const codings = contentCodings(header);
    if (codings.length === 0) return;
    this.#decoder = new ContentDecoder(codings, {
      data: (chunk) => this.#data(chunk),
      end: () => this.#afterDecoding?.(),
      failed: (error) => this.fail(error),
      pause: () => controller.pause(),
      resume: () => controller.resume(),
    });
  }

  #whenDecoded(tell: (receiver: HttpReceiver) => void): void {
    if (this.#decoder === undefined) return this.#done(tell);
    this.#afterDecoding = () => this.#done(tell);
    this.#decoder.end();
  }

  #done(tell: (receiver: HttpReceiver) => void): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#end();
    if (receiver !== undefined) tell(receiver);
  }

  #data(chunk: Buffer): void {
    try {
      this.#receiver?.data(chunk);
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error: unknown): void {
    this.fail(error instanceof Error ? error : new Error(String(error)));
  }

  #abort(reason: Error): void {
    if (this.#isReleased) return;
    // One that waits leaves the queue now; of others undici reports the end through onResponseError.
    if (this.pool === undefined) this.#release();
    this.#controller?.abort(reason);
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#owner.released(this);
  }

  #end(): void {
    if (this.index === undefined) return;
    this.#owner.clock.clearTimeout(this.#lingerTimer);
    this.#owner.ended(this.index);
    this.index = undefined;
  }
}
