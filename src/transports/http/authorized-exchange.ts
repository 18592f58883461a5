import type { IncomingHttpHeaders } from 'node:http';
import { type GatechartError, isGatechartError } from '../../errors.js';
import { Cancellation } from '../../time/cancellation.js';
import {
  type Authorization,
  authorizationFailed,
  challengeOf,
  type LoginChallenge,
  loginNeeded,
} from './authorization.js';
import type { HttpReceiver, HttpStage, RunningExchange } from './dispatch/http-exchange.js';
import { isHeaderValue } from './header-fields.js';

const lingerMs = 1000;

export interface AuthorizedExchangeOptions {
  readonly name: string;
  readonly target: string;
  readonly authorization: Authorization;
  /** Whether it may be sent once more when it is turned down. */
  readonly mayRepeat: boolean;
  /** Sends the request with that Authorization header; undefined: without one. */
  readonly send: (authorization: string | undefined, receiver: HttpReceiver) => RunningExchange;
  readonly keepCookies: (headers: IncomingHttpHeaders) => void;
}

/**
 * One request that carries an Authorization header. What turned it down for want of a login has not executed it, so that it may
 * be sent once more; its receiver hears the last answer alone.
 */
export class AuthorizedExchange implements RunningExchange {
  readonly #options: AuthorizedExchangeOptions;
  readonly #receiver: HttpReceiver;
  readonly #abandoned = new Cancellation();
  /** Undefined while a header is asked for: the server has not executed anything then. */
  #exchange: RunningExchange | undefined;
  #mayRepeat: boolean;
  /** The header that the running attempt has. */
  #sent: string | undefined;

  constructor(options: AuthorizedExchangeOptions, receiver: HttpReceiver) {
    this.#options = options;
    this.#receiver = receiver;
    this.#mayRepeat = options.mayRepeat;
    void this.#send();
  }

  get stage(): HttpStage {
    return this.#exchange?.stage ?? 'queued';
  }

  cancel(): void {
    this.#abandoned.abort(new Error('nobody waits for the request any more'));
    this.#exchange?.cancel();
  }

  skip(): void {
    this.#exchange?.skip();
  }

  endWithin(ms: number): void {
    this.#exchange?.endWithin(ms);
  }

  async #send(): Promise<void> {
    const signal = this.#abandoned;
    try {
      const value = await this.#options.authorization.header(signal);
      if (signal.aborted) return;
      if (value !== undefined && !isHeaderValue(value)) throw new TypeError('it is no value of a header');
      this.#sent = value;
      this.#exchange = this.#options.send(value, this.#newReceiver());
    } catch (error) {
      this.#fail(error);
    }
  }

  #newReceiver(): HttpReceiver {
    const receiver = this.#receiver;
    let isTurnedDown = false;
    return {
      head: (status, headers) => {
        const challenge = this.#mayRepeat ? challengeOf(status, headers) : undefined;
        if (challenge === undefined) return receiver.head(status, headers);
        isTurnedDown = true;
        this.#options.keepCookies(headers);
        void this.#turnedDown(challenge);
      },
      data: (chunk) => {
        if (!isTurnedDown) receiver.data(chunk);
      },
      end: () => {
        if (!isTurnedDown) receiver.end();
      },
      failed: (error, stage) => {
        if (!isTurnedDown) receiver.failed(error, stage);
      },
    };
  }

  async #turnedDown(challenge: LoginChallenge): Promise<void> {
    const { authorization } = this.#options;
    const signal = this.#abandoned;
    this.#mayRepeat = false;
    this.#exchange?.skip();
    this.#exchange?.endWithin(lingerMs);
    this.#exchange = undefined;
    try {
      const decision = await authorization.refused({ ...challenge, sent: this.#sent }, signal);
      if (decision === 'again' && !signal.aborted) await this.#send();
      else this.#fail(loginNeeded(this.#options, challenge));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#abandoned.aborted) return;
    const why: GatechartError = isGatechartError(error) ? error : authorizationFailed(this.#options, error);
    this.#receiver.failed(why, 'queued');
  }
}
