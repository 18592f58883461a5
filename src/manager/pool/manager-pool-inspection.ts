import type { InspectionEvent } from 'xstate';
import { joinedInspector, tellInspector } from '../../actors/inspection-tree.js';
import type { Inspector } from '../../actors/supervisor.js';

/** What can be watched. */
interface Inspectable {
  inspect(inspector: Inspector): { unsubscribe(): void };
}

/** Somebody who watches a pool. */
interface Watch {
  readonly inspector: Inspector;
  readonly subscriptions: { unsubscribe(): void }[];
}

/** Those who watch a pool: what it has by now, and the managers that it will build. */
export class PoolInspection {
  readonly #watches = new Set<Watch>();

  /** @param present all that there is to be watched now */
  add(inspector: Inspector, present: readonly Inspectable[]): { unsubscribe(): void } {
    const whole = joinedInspector(inspector, 'pool');
    const watch = { inspector: whole, subscriptions: present.map((one) => one.inspect(whole)) };
    this.#watches.add(watch);
    return {
      unsubscribe: () => {
        this.#watches.delete(watch);
        for (const subscription of watch.subscriptions) subscription.unsubscribe();
      },
    };
  }

  /**
   * Builds a manager that is watched.
   *
   * @param build is given who watches it from its start; undefined where nobody does
   */
  async watching<Built extends Inspectable>(
    build: (inspector: Inspector | undefined) => Promise<Built>,
  ): Promise<Built> {
    const early = new Set(this.#watches);
    const tellAll = (event: InspectionEvent): void => {
      for (const watch of early) if (this.#watches.has(watch)) tellInspector(watch.inspector, event);
    };
    const built = await build(early.size === 0 ? undefined : tellAll);
    for (const watch of this.#watches) {
      if (!early.has(watch)) watch.subscriptions.push(built.inspect(watch.inspector));
    }
    return built;
  }
}
