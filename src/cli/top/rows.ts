import type { InvocationRow } from '../../inspect/live/feed/feed-invocations.js';
import type { ActorState, FeedEvent } from '../../inspect/live/feed/feed-states.js';
import { conditionOf } from './condition.js';
import type { FeedPicture } from './feed-picture.js';
import type { Sorting, View } from './view.js';

/** The rows of all panes, as they are filtered and sorted. */
export interface Rows {
  readonly connections: readonly ActorState[];
  readonly events: readonly FeedEvent[];
  readonly invocations: readonly InvocationRow[];
  /** Ids of those of the pane that is shown. */
  readonly ids: readonly string[];
}

const conditionRanks = ['failed', 'reconnecting', 'connecting', 'unknown', 'ready', 'idle'] as const;

export function rowsOf(picture: FeedPicture, view: View): Rows {
  const matches = matcher(view.filter);
  const connections = connectionsOf(picture)
    .filter(({ name, at, kind, target, error }) => matches([name, at, kind, target, error?.code, error?.message]))
    .sort((one, other) => compared(one, other, view.sorting) || compared(one, other, 'name'));
  const events = picture.events.filter(({ a, e, from, to, odd }) => matches([a, e, from, to, odd === true && 'odd']));
  const invocations = picture.invocations.filter(({ id, requestId, hook, subject, agent, tenant, outcome, by }) =>
    matches([id, requestId, hook, subject, agent, tenant, outcome, by]),
  );
  const ids = {
    connections: connections.map(({ id }) => id),
    events: events.map(({ s }) => String(s)),
    invocations: invocations.map(({ id }) => id),
  }[view.pane];
  return { connections, events, invocations, ids };
}

/** Connections, and servers that have none: those that sleep and those that are started. */
function connectionsOf({ actors, servers }: FeedPicture): ActorState[] {
  const connected = new Set(servers.filter(({ connections }) => connections.length > 0).map(({ name }) => name));
  const all = [...actors.values()].filter(({ ended }) => ended === undefined);
  const connections = all.filter(({ kind }) => kind === 'connection');
  for (const { name } of connections) connected.add(name);
  return [...connections, ...all.filter(({ kind, name }) => kind === 'server' && !connected.has(name))];
}

/** All words have to be there, and none that stands after a `-`. */
function matcher(filter: string): (texts: readonly (string | false | undefined)[]) => boolean {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-');
  if (words.length === 0) return () => true;
  return (texts) => {
    const text = texts
      .filter((one) => one !== undefined && one !== false)
      .join('\n')
      .toLowerCase();
    return words.every((word) => (word.startsWith('-') ? !text.includes(word.slice(1)) : text.includes(word)));
  };
}

/** What is larger comes first, but for names. */
function compared(one: ActorState, other: ActorState, sorting: Sorting): number {
  switch (sorting) {
    case 'name':
      return one.name === other.name ? (one.id < other.id ? -1 : 1) : one.name < other.name ? -1 : 1;
    case 'state':
      return conditionRanks.indexOf(conditionOf(one)) - conditionRanks.indexOf(conditionOf(other));
    case 'inIt':
      return one.since - other.since;
    case 'perSecond':
      return (other.perSecond ?? -1) - (one.perSecond ?? -1);
    case 'p50':
      return (other.p50 ?? -1) - (one.p50 ?? -1);
  }
}
