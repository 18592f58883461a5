import type { InvocationRow } from '../../feed/feed-invocations.js';
import type { ActorState, PluginState, Ribbon, SecondCounts } from '../../feed/feed-states.js';
import type { ActorChange, DeltaMessage, FeedMessage, SnapshotMessage } from '../../feed/messages.js';
import { emptyModel, heldSeconds, type Model, mostGone, mostInvocations } from './model.js';
import { extendedRibbon, trimmedRibbon } from './ribbon-history.js';

/** A model, and the snapshot that is coming in meanwhile: it is shown when it is whole. */
export interface Reduction {
  readonly model: Model;
  readonly building: Model | undefined;
}

/** What a message makes of what is known. */
export function reduce({ model, building }: Reduction, message: FeedMessage): Reduction {
  switch (message.type) {
    case 'hello': {
      const another = model.hello !== undefined && model.hello.host.start !== message.host.start;
      return {
        model: { ...(another ? { ...emptyModel, feed: model.feed } : model), hello: message },
        building: undefined,
      };
    }
    case 'snapshot': {
      const built = withPiece(building ?? { ...emptyModel, samples: model.samples }, message);
      if (message.more) return { model, building: built };
      const { feed, hello, gone, eventsPerSecond } = model;
      return { model: { ...built, feed, hello, gone, eventsPerSecond }, building: undefined };
    }
    case 'delta':
      return { model: withDelta(model, message), building };
    case 'sample':
      return { model: { ...model, samples: new Map(model.samples).set(message.of, message) }, building };
    case 'gap':
      return { model: { ...model, gap: message }, building };
    case 'gone':
      return { model: withoutActors(model, message.ids, message.t), building };
    case 'bye':
      return { model: { ...model, feed: { at: 'ended', why: message.why } }, building };
  }
}

function withPiece(model: Model, piece: SnapshotMessage): Model {
  const actors = new Map(model.actors);
  for (const actor of piece.actors) actors.set(actor.id, actor);
  const ribbons = new Map(model.ribbons);
  for (const [id, ribbon] of Object.entries(piece.ribbons ?? {})) ribbons.set(id, ribbon);
  return {
    ...model,
    seq: piece.seq,
    t: piece.t,
    actors,
    ribbons,
    plugins: inOrder([...model.plugins, ...(piece.plugins ?? [])]),
    servers: [...model.servers, ...(piece.servers ?? [])],
    // Pieces come the newest first, too.
    invocations: new Map(
      [...[...(piece.invocations ?? [])].reverse().map((row) => [row.id, row] as const), ...model.invocations].slice(
        -mostInvocations,
      ),
    ),
    events: model.events.append(piece.events ?? []),
    seconds: lastSeconds([...model.seconds, ...(piece.minutes ?? [])]),
  };
}

function withDelta(model: Model, delta: DeltaMessage): Model {
  const news = (delta.events ?? []).filter(({ s }) => s > model.seq);
  const actors = delta.actors === undefined ? model.actors : withChanges(model.actors, delta.actors);
  return {
    ...model,
    seq: Math.max(model.seq, delta.seq[1]),
    t: Math.max(model.t, delta.t),
    actors,
    gone: withoutReturned(model.gone, delta.actors),
    ribbons: withStates(model, delta, actors),
    plugins: withNamed(model.plugins, delta.plugins, delta.removed?.plugins, inOrder),
    servers: withNamed(model.servers, delta.servers, delta.removed?.servers),
    invocations: delta.invocations === undefined ? model.invocations : withRows(model.invocations, delta.invocations),
    events: model.events.append(news),
    seconds: delta.seconds === undefined ? model.seconds : lastSeconds([...model.seconds, ...delta.seconds]),
    eventsPerSecond: delta.eventsPerSecond ?? model.eventsPerSecond,
  };
}

function withChanges(actors: Model['actors'], changes: readonly ActorChange[]): Map<string, ActorState> {
  const changed = new Map(actors);
  for (const change of changes) {
    const fields = Object.entries({ ...changed.get(change.id), ...change }).filter(([, value]) => value !== null);
    const actor: Partial<ActorState> = Object.fromEntries(fields);
    if (isWhole(actor)) changed.set(change.id, actor);
  }
  return changed;
}

/** A change of an actor that was never told as a whole says nothing that could be shown. */
function isWhole(actor: Partial<ActorState>): actor is ActorState {
  return actor.machine !== undefined && actor.kind !== undefined && actor.at !== undefined && actor.name !== undefined;
}

function withStates(model: Model, delta: DeltaMessage, actors: Model['actors']): Model['ribbons'] {
  let changed: Map<string, Ribbon> | undefined;
  const noted = new Set<string>();
  const note = (id: string, t: number, state: string, before?: string) => {
    const actor = actors.get(id);
    // Who comes back under a name that was there before lives another life.
    if (actor !== undefined && t < actor.began) return;
    const known = noted.has(id) || model.actors.has(id) ? (changed ?? model.ribbons).get(id) : undefined;
    noted.add(id);
    if (known === undefined && actor?.kind !== 'connection') return;
    const begun: Ribbon = actor === undefined || before === undefined ? [] : [[actor.began, before]];
    const extended = extendedRibbon(known ?? begun, t, state);
    if (extended === known) return;
    changed ??= new Map(model.ribbons);
    changed.set(id, trimmedRibbon(extended, delta.t - heldSeconds * 1000));
  };
  for (const { s, a, t, from, to } of delta.events ?? []) if (s > model.seq) note(a, t, to, from);
  for (const { id } of delta.actors ?? []) {
    const actor = actors.get(id);
    if (actor !== undefined) note(id, actor.since, actor.at);
  }
  return changed ?? model.ribbons;
}

function withRows(rows: Model['invocations'], news: readonly InvocationRow[]): Map<string, InvocationRow> {
  const all = new Map(rows);
  for (const row of news) all.set(row.id, row);
  const over = all.size - mostInvocations;
  if (over > 0) for (const id of [...all.keys()].slice(0, over)) all.delete(id);
  return all;
}

function withoutActors(model: Model, ids: readonly string[], t: number): Model {
  const actors = new Map(model.actors);
  const gone = new Map(model.gone);
  const ribbons = new Map(model.ribbons);
  for (const id of ids) {
    const actor = actors.get(id);
    if (actor === undefined) continue;
    actors.delete(id);
    const { timer: _timer, ...last } = actor;
    // The lives of calls are too many to keep.
    if (actor.kind === 'connection' || actor.kind === 'server') gone.set(id, { ended: t, ...last });
    else ribbons.delete(id);
  }
  for (const id of [...gone.keys()].slice(0, Math.max(0, gone.size - mostGone))) {
    gone.delete(id);
    if (!actors.has(id)) ribbons.delete(id);
  }
  return { ...model, t: Math.max(model.t, t), actors, gone, ribbons };
}

function withoutReturned(gone: Model['gone'], changes: readonly ActorChange[] | undefined): Model['gone'] {
  const returned = (changes ?? []).filter(({ id }) => gone.has(id)).map(({ id }) => id);
  return returned.length === 0 ? gone : new Map([...gone].filter(([id]) => !returned.includes(id)));
}

/** The same list where nothing has changed. */
function withNamed<Entry extends { readonly name: string }>(
  known: readonly Entry[],
  news: readonly Entry[] = [],
  removed: readonly string[] = [],
  sorted = (entries: readonly Entry[]): readonly Entry[] => entries,
): readonly Entry[] {
  if (news.length === 0 && removed.length === 0) return known;
  return sorted(merged(known, news).filter(({ name }) => !removed.includes(name)));
}

function merged<Entry extends { readonly name: string }>(known: readonly Entry[], news: readonly Entry[]): Entry[] {
  const byName = new Map(known.map((entry) => [entry.name, entry]));
  for (const entry of news) byName.set(entry.name, entry);
  return [...byName.values()];
}

function inOrder(plugins: readonly PluginState[]): PluginState[] {
  return [...plugins].sort((a, b) => a.place - b.place);
}

/** A second may be told twice; the later word counts. */
function lastSeconds(seconds: readonly SecondCounts[]): SecondCounts[] {
  const bySecond = new Map(seconds.map((counts) => [counts.second, counts]));
  return [...bySecond.values()].sort((a, b) => a.second - b.second).slice(-heldSeconds);
}
