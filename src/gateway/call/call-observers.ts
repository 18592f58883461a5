import type { Logger } from '../../observability/logger.js';
import type { GatewayCallObserver } from './gateway-call-owner.js';

/** Those who hear of calls. What one of them throws is logged, and the others hear all the same. */
export class CallObservers {
  #observers: readonly GatewayCallObserver[] = [];
  readonly #logger: Logger;
  readonly #all: GatewayCallObserver = {
    began: (call) => this.#tell((observer) => observer.began(call)),
    asked: (call) => this.#tell((observer) => observer.asked(call)),
    answered: (call) => this.#tell((observer) => observer.answered(call)),
    ended: (call, record, failure) => this.#tell((observer) => observer.ended(call, record, failure)),
  };

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** All of them; undefined where there is none. */
  get all(): GatewayCallObserver | undefined {
    return this.#observers.length === 0 ? undefined : this.#all;
  }

  /** @returns what makes it leave */
  add(observer: GatewayCallObserver): () => void {
    // One of its own for each call, so that an observer that was added twice has to leave twice.
    const added: GatewayCallObserver = {
      began: (call) => observer.began(call),
      asked: (call) => observer.asked(call),
      answered: (call) => observer.answered(call),
      ended: (call, record, failure) => observer.ended(call, record, failure),
    };
    this.#observers = [...this.#observers, added];
    return () => {
      this.#observers = this.#observers.filter((one) => one !== added);
    };
  }

  #tell(tell: (observer: GatewayCallObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        tell(observer);
      } catch (error) {
        this.#logger.warn({ err: error }, 'an observer of calls threw');
      }
    }
  }
}
