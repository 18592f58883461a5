import type { AnyActorRef } from 'xstate';

/** Timers that an actor may have had before it is not worth remembering which: a machine has one for each delay, used again and again. */
const mostRemembered = 32;

/**
 * Lets the end of an actor cost what its own timers cost. XState looks through the timers of the whole system each time that
 * an actor stops: with a thousand connections, each with a timer, that is 100 µs for every actor that only opened a link.
 */
export function indexTimers({ scheduler }: Pick<AnyActorRef['system'], 'scheduler'>): void {
  const unindexed = { ...scheduler };
  const timersOf = new WeakMap<AnyActorRef, Set<string>>();
  /** Those that had timers without a name, or too many. */
  const searched = new WeakSet<AnyActorRef>();
  const remember = (source: AnyActorRef, id: string | undefined): void => {
    const known = timersOf.get(source);
    if (id === undefined || (known !== undefined && known.size >= mostRemembered)) searched.add(source);
    else if (known === undefined) timersOf.set(source, new Set([id]));
    else known.add(id);
  };
  scheduler.schedule = (source, target, event, delay, id) => {
    remember(source, id);
    unindexed.schedule(source, target, event, delay, id);
  };
  scheduler.cancelAll = (source) => {
    if (searched.has(source)) return unindexed.cancelAll(source);
    for (const id of timersOf.get(source) ?? []) unindexed.cancel(source, id);
    timersOf.delete(source);
  };
}
