import { callCancelled, callTimeout } from '../../connection/call-errors.js';
import { GatechartError } from '../../errors.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { Deadline, type Deadlines } from '../../time/deadlines.js';
import { listenForAbort, unlistenForAbort } from '../../time/shared-signal.js';

/** What is told of a call that wants to go to a server. */
export interface Entering {
  readonly signal?: CancelSignal | undefined;
  readonly timeoutMs: number;
}

/** Lets so many calls at a time go to one server; others wait in the order in which they came. */
export class CallGate {
  readonly #name: string;
  readonly #deadlines: Deadlines;
  readonly #maxWaiting: number;
  /** May be changed; calls beyond a new one end in their time. */
  maxConcurrent: number;
  #inside = 0;
  readonly #waiting = new Set<() => void>();

  constructor(
    name: string,
    maxConcurrent: number,
    { deadlines, maxWaiting }: { readonly deadlines: Deadlines; readonly maxWaiting: number },
  ) {
    this.#name = name;
    this.maxConcurrent = maxConcurrent;
    this.#deadlines = deadlines;
    this.#maxWaiting = maxWaiting;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** True where a call may go at once; it has to `leave` then. */
  tryEnter(): boolean {
    if (this.#inside >= this.maxConcurrent || this.#waiting.size > 0) return false;
    this.#inside++;
    return true;
  }

  /** Waits until a call may go. It has to `leave` then. @throws GatechartError QUEUE_FULL, CALL_TIMEOUT, CALL_CANCELLED */
  enter({ signal, timeoutMs }: Entering): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(callCancelled(this.#name, signal.reason));
    if (this.tryEnter()) return Promise.resolve();
    if (this.#waiting.size >= this.#maxWaiting) return Promise.reject(this.#busy());
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(go);
        this.#deadlines.disarm(deadline);
        unlistenForAbort(signal, cancel);
      };
      const go = (): void => {
        end();
        this.#inside++;
        resolve();
      };
      const cancel = (): void => {
        end();
        reject(callCancelled(this.#name, signal?.reason));
      };
      const deadline = new Deadline(() => {
        end();
        const where = `it waited for others to end, ${this.#inside} of at most ${this.maxConcurrent} are under way`;
        reject(callTimeout(this.#name, timeoutMs, where));
      });
      this.#waiting.add(go);
      this.#deadlines.arm(deadline, timeoutMs);
      listenForAbort(signal, cancel);
    });
  }

  leave(): void {
    this.#inside--;
    this.admit();
  }

  /** Lets those go that may now. */
  admit(): void {
    for (const go of this.#waiting) {
      if (this.#inside >= this.maxConcurrent) return;
      go();
    }
  }

  #busy(): GatechartError {
    const many = `${this.#inside} calls are under way and ${this.#waiting.size} wait already`;
    return new GatechartError('QUEUE_FULL', `Server ${this.#name} is busy: ${many}.`, {
      details: { server: this.#name },
    });
  }
}
