import { printRoute, type Route } from '../routes/route.js';
import type { Model } from '../store/model.js';

/** Something that was found, and where it is. */
export interface Found {
  readonly kind: 'connection' | 'server' | 'plugin' | 'invocation' | 'event';
  readonly name: string;
  readonly hint: string;
  readonly route: Route;
}

const mostFound = 12;

/**
 * Connections, servers, plugins and invocations whose name has the words in it, those first whose name begins with them; an
 * invocation is found by its request id, its id, its subject and its agent, an event by `#` and its number.
 */
export function find(model: Model, text: string): readonly Found[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const seq = /^#?(\d{1,15})$/.exec(wanted)?.[1];
  const found: (Found & { readonly rank: number })[] = [];
  const add = (entry: Found, ...names: readonly (string | undefined)[]) => {
    const ranks = names.map((name) => rankOf(name, wanted));
    const rank = Math.min(...ranks);
    if (rank < 3) found.push({ ...entry, rank });
  };
  for (const { id, kind, name, at, target } of model.actors.values()) {
    if (kind !== 'connection') continue;
    add({ kind, name, hint: at, route: { view: 'connections', id } }, name, id, target);
  }
  for (const { name, at, target } of model.servers) {
    add({ kind: 'server', name, hint: at, route: { view: 'connections', tab: 'servers', id: name } }, name, target);
  }
  for (const { name, mode } of model.plugins) {
    add({ kind: 'plugin', name, hint: mode, route: { view: 'plugins', id: name } }, name);
  }
  for (const { id, requestId, subject, agent, outcome } of [...model.invocations.values()].reverse()) {
    const entry: Found = {
      kind: 'invocation',
      name: subject,
      hint: `${requestId} ${outcome}`,
      route: { view: 'invocations', id },
    };
    add(entry, requestId, id, subject, agent);
  }
  const sorted = found.sort((a, b) => a.rank - b.rank).slice(0, mostFound);
  const event: Found[] =
    seq === undefined
      ? []
      : [
          {
            kind: 'event',
            name: `event ${seq}`,
            hint: 'hold the time there',
            route: { view: 'events', id: seq, seq: Number(seq) },
          },
        ];
  return [...event, ...sorted.map(({ rank: _rank, ...entry }) => entry)];
}

/** 0: is it, 1: begins with it, 2: has it in it, 3: has not. */
function rankOf(name: string | undefined, wanted: string): number {
  const lower = name?.toLowerCase();
  if (lower === undefined || !lower.includes(wanted)) return 3;
  if (lower === wanted) return 0;
  return lower.startsWith(wanted) ? 1 : 2;
}

export function keyOfFound({ route, kind }: Found): string {
  return `${kind} ${printRoute(route)}`;
}
