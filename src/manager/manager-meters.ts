import { messageOf } from '../errors.js';
import { measuring } from '../invocation/hook-measures.js';
import type { HookInvoker } from '../invocation/hook-invoker.js';
import type { ManagerFigures } from '../observability/figures.js';
import type { HookMeter } from '../observability/hook-meter.js';
import type { Logger } from '../observability/logger.js';
import type { Watching } from '../actors/watchable.js';

/** Those who measure one manager, each of them once, however often it is given. */
export class ManagerMeters {
  readonly #invoker: HookInvoker;
  readonly #figures: ManagerFigures;
  readonly #logger: Logger;
  readonly #ends = new Map<HookMeter, () => void>();

  constructor(invoker: HookInvoker, figures: ManagerFigures, logger: Logger) {
    this.#invoker = invoker;
    this.#figures = figures;
    this.#logger = logger;
  }

  add(meter: HookMeter): Watching {
    if (this.#ends.has(meter)) return { unsubscribe: () => {} };
    const watching = this.#invoker.observeInvocations(measuring(meter));
    const end = this.#attempt(() => meter.watchManager?.({ ...this.#figures }));
    const unsubscribe = (): void => {
      if (!this.#ends.delete(meter)) return;
      watching.unsubscribe();
      this.#attempt(() => end?.());
    };
    this.#ends.set(meter, unsubscribe);
    return { unsubscribe };
  }

  close(): void {
    for (const end of this.#ends.values()) end();
  }

  #attempt<Value>(tell: () => Value): Value | undefined {
    try {
      return tell();
    } catch (error) {
      this.#logger.debug({ err: error }, `the meter failed: ${messageOf(error)}`);
      return undefined;
    }
  }
}
