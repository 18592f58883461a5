import type { InvocationRow } from '../../inspect/live/feed/feed-invocations.js';
import type { ActorState, FeedEvent } from '../../inspect/live/feed/feed-states.js';
import { type FilteredRow, pluginOf, rowQuestion, splitFilter } from '../../inspect/live/feed/row-filter.js';
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
  const matches = matcher(view.filter, picture.t);
  const connections = connectionsOf(picture)
    .filter(({ name, at, kind, target, error, since }) =>
      matches([name, at, kind, target, error?.code, error?.message], { t: since, plugin: name }),
    )
    .sort((one, other) => compared(one, other, view.sorting) || compared(one, other, 'name'));
  const events = picture.events.filter(({ a, e, from, to, odd, t }) =>
    matches([a, e, from, to, odd === true && 'odd'], { t, plugin: pluginOf(a) }),
  );
  const invocations = picture.invocations.filter(({ id, requestId, hook, subject, agent, tenant, outcome, by, t }) =>
    matches([id, requestId, hook, subject, agent, tenant, outcome, by], { t, plugin: by }),
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

type Texts = readonly (string | false | undefined)[];

/**
 * All words have to be there, and none that stands after a `-`; `plugin:` and `since:` ask what they ask on the page. For a
 * connection that is its name, and when it came to its state.
 */
function matcher(filter: string, now: number): (texts: Texts, row: FilteredRow) => boolean {
  const asked = splitFilter(filter)
    .map((word) => word.replaceAll('"', ''))
    .filter((word) => word !== '' && word !== '-')
    .map((word) => questionOf(word, now));
  return (texts, row) => {
    if (asked.length === 0) return true;
    const text = texts
      .filter((one) => one !== undefined && one !== false)
      .join('\n')
      .toLowerCase();
    return asked.every((wants) => wants(text, row));
  };
}

function questionOf(word: string, now: number): (text: string, row: FilteredRow) => boolean {
  const isExcluded = word.startsWith('-');
  const bare = isExcluded ? word.slice(1) : word;
  const asked = rowQuestion(bare);
  // One that is being typed is no question yet: until then it is a word.
  if (typeof asked === 'function') return (_text, row) => asked(row, now) !== isExcluded;
  const wanted = bare.toLowerCase();
  return (text) => text.includes(wanted) !== isExcluded;
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
