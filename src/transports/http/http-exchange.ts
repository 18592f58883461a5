import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher, Pool } from 'undici';
import type { TimerHandle } from '../../time/clock.js';
import { ContentDecoder, contentCodings } from './content-decoder.js';
import { isCertificateAlert } from './http-errors.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With query. */
  readonly path: string;
  readonly headers: Record<string, string>;
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

/** Connections that are kept alike, and how many requests are on them. */
export interface HttpLane {
  readonly pool: Pool;
  readonly connections: number;
  busy: number;
}

/** What an exchange tells whoever sent it. */
export interface ExchangeHost {
  /** Its connection broke under it. */
  broke(exchange: Exchange): void;
  /** It needs its connection, or its place in the queue, no more. */
  leave(exchange: Exchange): void;
}

/** One request and its answer, decoded. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: HttpRequest;
  /** Runs while it waits for a connection. */
  timer: TimerHandle | undefined;
  /** Where its session keeps it while it runs. */
  slot: number | undefined;
  /** What it was sent on. */
  lane: HttpLane | undefined;
  readonly #host: ExchangeHost;
  #receiver: HttpReceiver | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #decoder: ContentDecoder | undefined;
  #isSkipping = false;
  #settled = false;
  /** Told when all that came has been decoded, after the exchange itself is over. */
  #afterDecoding: (() => void) | undefined;

  constructor(host: ExchangeHost, request: HttpRequest, receiver: HttpReceiver) {
    this.#host = host;
    this.request = request;
    this.#receiver = receiver;
  }

  /** Ends it; the receiver hears nothing more. */
  cancel(): void {
    this.#receiver = undefined;
    this.#decoder?.destroy();
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

  get settled(): boolean {
    return this.#settled;
  }

  get stage(): HttpStage {
    if (this.timer !== undefined) return 'queued';
    return this.#controller === undefined ? 'connecting' : 'sent';
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#receiver === undefined) controller.abort(new Error('cancelled'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#guarded(() => {
      if (status >= 200) this.#decode(controller, headers['content-encoding']);
      this.#receiver?.head(status, headers);
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSkipping) return;
    if (this.#decoder === undefined) this.#guarded(() => this.#receiver?.data(chunk));
    else this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
    this.#whenDecoded((receiver) => receiver.end());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const stage = isCertificateAlert(error) ? 'connecting' : this.stage;
    if (this.#receiver !== undefined && stage === 'sent') this.#host.broke(this);
    this.#settle();
    this.#whenDecoded((receiver) => receiver.failed(error, stage));
  }

  #decode(controller: Dispatcher.DispatchController, header: string | string[] | undefined): void {
    const codings = contentCodings(header);
    if (codings.length === 0) return;
    this.#decoder = new ContentDecoder(codings, {
      data: (chunk) => this.#guarded(() => this.#receiver?.data(chunk)),
      end: () => this.#afterDecoding?.(),
      failed: (error) => this.fail(error),
      pause: () => controller.pause(),
      resume: () => controller.resume(),
    });
  }

  #whenDecoded(tell: (receiver: HttpReceiver) => void): void {
    const done = (): void => {
      const receiver = this.#receiver;
      this.#receiver = undefined;
      if (receiver !== undefined) tell(receiver);
    };
    if (this.#decoder === undefined) return done();
    this.#afterDecoding = done;
    this.#decoder.end();
  }

  #guarded(hear: () => void): void {
    try {
      hear();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #abort(reason: Error): void {
    if (this.#settled) return;
    // While it waits it has a timer and leaves the queue now; later, undici reports its end through onResponseError.
    if (this.timer !== undefined) this.#settle();
    this.#controller?.abort(reason);
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#host.leave(this);
  }
}
