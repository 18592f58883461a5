import { callCancelled, callTimeout } from '../../connection/call-errors.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { Deadline, type Deadlines } from '../../time/deadlines.js';
import { listenForAbort, unlistenForAbort } from '../../time/shared-signal.js';

/** How long somebody waits for what others wait for as well. */
export interface Patience {
  readonly signal?: CancelSignal | undefined;
  readonly timeoutMs: number;
}

/**
 * Waits for work that goes on whoever gives up.
 *
 * @param where one line on the work, for the message of a time-out
 * @throws GatechartError CALL_TIMEOUT, CALL_CANCELLED, and what the work rejects with
 */
export function waitPatiently<Value>(
  work: Promise<Value>,
  name: string,
  where: string,
  { signal, timeoutMs }: Patience,
  deadlines: Deadlines,
): Promise<Value> {
  if (signal?.aborted === true) {
    work.catch(ignore);
    return Promise.reject(callCancelled(name, signal.reason));
  }
  return new Promise((resolve, reject) => {
    const end = (): void => {
      deadlines.disarm(deadline);
      unlistenForAbort(signal, cancel);
    };
    const cancel = (): void => {
      end();
      reject(callCancelled(name, signal?.reason));
    };
    const deadline = new Deadline(() => {
      end();
      reject(callTimeout(name, timeoutMs, where));
    });
    deadlines.arm(deadline, timeoutMs);
    listenForAbort(signal, cancel);
    work.then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

/** Whoever waited was told something else already. */
function ignore(): void {}
