import { WaitGroup } from '../../time/wait-group.js';
import { Cancellation } from '../../time/cancellation.js';

/** A request that is not answered yet, or whose answer waits for an earlier one. */
export interface PendingAnswer {
  readonly cancellation: Cancellation;
  answer: Uint8Array | undefined;
}

/** Sends answers in the order in which their requests came, in whatever order they are ready. */
export class AnswerQueue {
  readonly #send: (answer: Uint8Array) => void;
  readonly #pending: PendingAnswer[] = [];
  readonly #unsent = new WaitGroup();
  #waitingBytes = 0;

  constructor(send: (answer: Uint8Array) => void) {
    this.#send = send;
  }

  /** Requests whose answers are not sent. */
  get length(): number {
    return this.#pending.length;
  }

  /** Bytes of answers that wait for an earlier one. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes a place behind all others. */
  add(): PendingAnswer {
    const pending: PendingAnswer = { answer: undefined, cancellation: new Cancellation() };
    this.#pending.push(pending);
    this.#unsent.add();
    return pending;
  }

  /** Sends the answer, and those that waited for it, unless it has to wait for an earlier one itself. */
  settle(pending: PendingAnswer, answer: Uint8Array): void {
    pending.answer = answer;
    this.#waitingBytes += answer.length;
    while (this.#pending[0]?.answer !== undefined) {
      const { answer: next } = this.#pending[0];
      this.#waitingBytes -= next.length;
      this.#send(next);
      this.#pending.shift();
      this.#unsent.done();
    }
  }

  /** Nobody can be answered any more. */
  abandon(reason: Error): void {
    for (const { cancellation } of this.#pending.splice(0)) {
      cancellation.abort(reason);
      this.#unsent.done();
    }
  }

  /** Settles when there is nothing to be sent. */
  sent(): Promise<void> {
    return this.#unsent.idle();
  }
}
