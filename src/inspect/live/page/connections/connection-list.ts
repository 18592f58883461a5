import type { ActorState } from '../../feed/feed-states.js';
import { type Meaning, meaningOf } from '../parts/meaning.js';

const byName = new Intl.Collator('en', { numeric: true });

/** Connections by name: where one stands does not change with what it does. */
export function sortedConnections(actors: Iterable<ActorState>): ActorState[] {
  return [...actors]
    .filter(({ kind }) => kind === 'connection')
    .sort((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** The same, of an actor or another that has changed: it is sorted when one comes or goes. */
export class ConnectionOrder {
  #ids: readonly string[] = [];

  take(actors: ReadonlyMap<string, ActorState>): readonly ActorState[] {
    const held = this.#ids.flatMap((id) => actors.get(id) ?? []);
    let connections = 0;
    for (const { kind } of actors.values()) if (kind === 'connection') connections++;
    if (held.length === this.#ids.length && connections === held.length) return held;
    const sorted = sortedConnections(actors.values());
    this.#ids = sorted.map(({ id }) => id);
    return sorted;
  }
}

/** What a list can be narrowed to: a meaning, all that is down, or words. */
export const connectionFilters = ['down', 'ready', 'connecting', 'idle'] as const;

const meanings: Readonly<Record<(typeof connectionFilters)[number], readonly Meaning[]>> = {
  down: ['failed', 'reconnecting'],
  ready: ['ready'],
  connecting: ['connecting'],
  idle: ['idle'],
};

/** Those that a filter leaves: one of {@link connectionFilters}, or words of the name, the target, the state or the error. */
export function matchingConnections(connections: readonly ActorState[], filter: string): readonly ActorState[] {
  const named = connectionFilters.find((one) => one === filter);
  if (named !== undefined) return connections.filter(({ at }) => meanings[named].includes(meaningOf(at)));
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return connections;
  return connections.filter(({ name, target, at, error }) => {
    const text = `${name} ${target ?? ''} ${at} ${error?.code ?? ''} ${error?.message ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
