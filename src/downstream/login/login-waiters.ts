import type { CancelSignal } from '../../time/cancellation.js';
import { listenForAbort, unlistenForAbort } from '../../time/shared-signal.js';

interface Waiter<Answer> {
  readonly settle: (answer: Answer) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Requests that wait for one answer. Each is settled once: by the answer, by its own signal, or by the end. */
export class LoginWaiters<Answer> {
  readonly #waiting = new Set<Waiter<Answer>>();

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Waits for what is answered from now on.
   *
   * @param begin runs once the waiter is there, so that it may be answered at once
   * @throws the reason of the signal; what {@link refuse} is given
   */
  wait(signal: CancelSignal, begin: () => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        unlistenForAbort(signal, cancel);
      };
      const waiter: Waiter<Answer> = {
        settle: (answer) => {
          leave();
          resolve(answer);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const cancel = (): void => waiter.refuse(signal.reason);
      if (signal.aborted) return reject(signal.reason);
      this.#waiting.add(waiter);
      listenForAbort(signal, cancel);
      begin();
    });
  }

  answer(answer: Answer): void {
    for (const waiter of this.#waiting) waiter.settle(answer);
  }

  refuse(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.refuse(reason);
  }
}
