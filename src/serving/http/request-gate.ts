import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { type Authenticate, isRefusal } from './authentication.js';
import { busy, type Refusal } from './http-answers.js';
import type { HttpExchange } from './http-exchange.js';
import type { LookAtHead } from './http-response.js';
import type { RequestFilter } from './request-filter.js';

export interface RequestGateDependencies {
  /** Absent: nobody has to prove who they are. */
  readonly authenticate?: Authenticate;
  readonly filter?: RequestFilter;
  /** Told of each request that is refused. */
  readonly refused?: (refusal: Refusal, request: IncomingMessage) => void;
  /** Requests that are looked at at once; more are told that the server is busy. */
  readonly mostAtOnce: number;
  readonly logger: Logger;
}

/** What is answered where a guard fails: a request that it did not look at does not pass. */
const failed: Refusal = { status: 500, message: 'Internal Server Error', rpcCode: -32_603 };

/** What requests pass before anything is done for them: proof of who sends them, and whoever else looks at them. */
export class RequestGate {
  readonly #dependencies: RequestGateDependencies;
  /** Requests that are being looked at. */
  #count = 0;

  constructor(dependencies: RequestGateDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether there is nothing to pass. */
  get isOpen(): boolean {
    const { authenticate, filter } = this.#dependencies;
    return authenticate === undefined && filter === undefined;
  }

  /** Says why a request is refused; else the exchange knows who sends it. Never rejects. */
  async admit(exchange: HttpExchange): Promise<Refusal | undefined> {
    if (this.#count >= this.#dependencies.mostAtOnce) {
      return busy(503, `The server is busy: it looks at ${this.#count} requests already; try again later`);
    }
    this.#count++;
    try {
      return await this.#look(exchange);
    } finally {
      this.#count--;
    }
  }

  async #look(exchange: HttpExchange): Promise<Refusal | undefined> {
    const refusal = await this.authenticate(exchange);
    if (refusal !== undefined) return refusal;
    try {
      const admission = await this.#dependencies.filter?.before(exchange.request, exchange.identity);
      if (isRefusal(admission)) return this.#refused(admission, exchange);
      if (admission === undefined) return undefined;
      exchange.admit(admission.identity, admission.headers);
      if (admission.after !== undefined) exchange.response.lookAtHead(this.#unfailing(admission.after));
      return undefined;
    } catch (error) {
      return this.#refused(this.#refuse(error), exchange);
    }
  }

  /** The same by proof alone: nobody else looks at the request. */
  async authenticate(exchange: HttpExchange): Promise<Refusal | undefined> {
    try {
      const identity = await this.#dependencies.authenticate?.(exchange.request);
      if (isRefusal(identity)) return this.#refused(identity, exchange);
      exchange.admit(identity);
      return undefined;
    } catch (error) {
      return this.#refused(this.#refuse(error), exchange);
    }
  }

  #refused(refusal: Refusal, { request }: HttpExchange): Refusal {
    this.#dependencies.refused?.(refusal, request);
    return refusal;
  }

  #unfailing(after: LookAtHead): LookAtHead {
    return (head) => after(head).catch((error: unknown) => this.#refuse(error));
  }

  #refuse(error: unknown): Refusal {
    this.#dependencies.logger.error({ error: messageOf(error) }, 'an HTTP request could not be looked at; refused');
    return failed;
  }
}
