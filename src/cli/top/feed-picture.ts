import type { InvocationRow } from '../../inspect/live/feed/feed-invocations.js';
import type {
  ActorState,
  FeedEvent,
  PluginState,
  Ribbon,
  SecondCounts,
  ServerState,
} from '../../inspect/live/feed/feed-states.js';
import type { ActorChange, FeedMessage, Hello, SampleMessage } from '../../inspect/live/feed/messages.js';

/** What is known of an inspected process; one that is held stays as it is. */
export interface FeedPicture {
  readonly hello: Hello | undefined;
  /** When that was, in milliseconds since the epoch of the host. */
  readonly t: number;
  readonly actors: ReadonlyMap<string, ActorState>;
  readonly ribbons: ReadonlyMap<string, Ribbon>;
  /** In the order in which they run. */
  readonly plugins: readonly PluginState[];
  readonly servers: readonly ServerState[];
  /** The newest first. */
  readonly invocations: readonly InvocationRow[];
  /** The newest first. */
  readonly events: readonly FeedEvent[];
  /** The last five minutes, the newest last. */
  readonly seconds: readonly SecondCounts[];
  readonly eventsPerSecond: number | undefined;
  readonly samples: Readonly<Partial<Record<SampleMessage['of'], SampleMessage>>>;
  /** Why the process has ended what it tells. */
  readonly bye: string | undefined;
}

export const emptyPicture: FeedPicture = {
  hello: undefined,
  t: 0,
  actors: new Map(),
  ribbons: new Map(),
  plugins: [],
  servers: [],
  invocations: [],
  events: [],
  seconds: [],
  eventsPerSecond: undefined,
  samples: {},
  bye: undefined,
};

/** Milliseconds that ribbons go back. */
export const ribbonMs = 300_000;

const mostInvocations = 200;
const mostEvents = 500;

/** Lives that come by the thousand and have no row of their own. */
const passing: ReadonlySet<string> = new Set(['invocation', 'call', 'gatewayCall']);

/** What is known after one more message. */
export function withMessage(picture: FeedPicture, message: FeedMessage): FeedPicture {
  switch (message.type) {
    case 'hello':
      return greeted(picture, message);
    case 'snapshot': {
      const { t, actors, ribbons, plugins, servers, invocations, events, minutes } = message;
      return {
        ...picture,
        t,
        ...withActors(picture, actors, t),
        ...(ribbons !== undefined && { ribbons: new Map([...picture.ribbons, ...Object.entries(ribbons)]) }),
        ...(plugins !== undefined && { plugins: inOrder(picture.plugins, plugins) }),
        ...(servers !== undefined && { servers: merged(picture.servers, servers) }),
        ...(invocations !== undefined && { invocations: withInvocations(picture, invocations) }),
        ...(events !== undefined && { events: withEvents(picture, events) }),
        ...(minutes !== undefined && { seconds: withSeconds(picture, minutes) }),
      };
    }
    case 'delta': {
      const { t, actors, plugins, servers, removed, invocations, events, seconds, eventsPerSecond } = message;
      return {
        ...picture,
        t,
        ...(actors !== undefined && withActors(picture, actors, t)),
        plugins: without(inOrder(picture.plugins, plugins ?? []), removed?.plugins),
        servers: without(merged(picture.servers, servers ?? []), removed?.servers),
        ...(invocations !== undefined && { invocations: withInvocations(picture, invocations) }),
        ...(events !== undefined && { events: withEvents(picture, events) }),
        ...(seconds !== undefined && { seconds: withSeconds(picture, seconds) }),
        ...(eventsPerSecond !== undefined && { eventsPerSecond }),
      };
    }
    case 'sample':
      return { ...picture, samples: { ...picture.samples, [message.of]: message } };
    case 'gone':
      return withoutActors(picture, new Set(message.ids), message.t);
    case 'gap':
      // The state of the actors comes whole; only the list of events has a hole, and is not shown to have none.
      return { ...picture, events: [] };
    case 'bye':
      return { ...picture, bye: message.why };
  }
}

/** Another process has nothing of what the one before had; the same one that is heard again tells all anew. */
function greeted(picture: FeedPicture, hello: Hello): FeedPicture {
  const isSame = picture.hello?.host.start === hello.host.start && picture.hello.epoch === hello.epoch;
  const kept = isSame ? { ribbons: picture.ribbons, seconds: picture.seconds } : {};
  return { ...emptyPicture, ...kept, hello, t: hello.now };
}

function withActors(
  { actors, ribbons }: FeedPicture,
  changes: readonly (ActorState | ActorChange)[],
  t: number,
): Pick<FeedPicture, 'actors' | 'ribbons'> {
  if (changes.length === 0) return { actors, ribbons };
  const nextActors = new Map(actors);
  const nextRibbons = new Map(ribbons);
  for (const change of changes) {
    const before = actors.get(change.id);
    const changed = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
    const actor: Partial<ActorState> = Object.fromEntries(changed);
    if (!isWhole(actor) || passing.has(actor.kind)) continue;
    nextActors.set(actor.id, actor);
    if (before?.at === actor.at) continue;
    const earlier = nextRibbons.get(actor.id) ?? [];
    if (earlier.at(-1)?.[1] !== actor.at) nextRibbons.set(actor.id, kept([...earlier, [actor.since, actor.at]], t));
  }
  return { actors: nextActors, ribbons: nextRibbons };
}

/** A change of an actor that was never told whole cannot be shown. */
function isWhole(actor: Partial<ActorState>): actor is ActorState {
  const { id, kind, name, at, since } = actor;
  return id !== undefined && kind !== undefined && name !== undefined && at !== undefined && since !== undefined;
}

/** A ribbon from five minutes ago on, with the state that it was in then. */
function kept(ribbon: Ribbon, t: number): Ribbon {
  const first = ribbon.findLastIndex(([since]) => since <= t - ribbonMs);
  return ribbon.slice(Math.max(0, first));
}

function withoutActors(picture: FeedPicture, ids: ReadonlySet<string>, t: number): FeedPicture {
  const actors = new Map([...picture.actors].filter(([id]) => !ids.has(id)));
  const ribbons = new Map([...picture.ribbons].filter(([id]) => !ids.has(id)));
  return { ...picture, t, actors, ribbons };
}

function merged<Named extends { readonly name: string }>(before: readonly Named[], changed: readonly Named[]): Named[] {
  return [...new Map([...before, ...changed].map((one) => [one.name, one])).values()];
}

function without<Named extends { readonly name: string }>(all: Named[], names: readonly string[] = []): Named[] {
  return names.length === 0 ? all : all.filter(({ name }) => !names.includes(name));
}

function inOrder(before: readonly PluginState[], changed: readonly PluginState[]): PluginState[] {
  return merged(before, changed).sort((one, other) => one.place - other.place);
}

function withInvocations({ invocations }: FeedPicture, more: readonly InvocationRow[]): InvocationRow[] {
  const told = new Map([...invocations, ...more].map((row) => [row.id, row]));
  return [...told.values()].sort((one, other) => other.t - one.t).slice(0, mostInvocations);
}

function withEvents({ events }: FeedPicture, more: readonly FeedEvent[]): FeedEvent[] {
  const last = events[0]?.s ?? -1;
  const fresh = more.filter(({ s }) => s > last);
  return [...fresh.reverse(), ...events].slice(0, mostEvents);
}

function withSeconds({ seconds }: FeedPicture, more: readonly SecondCounts[]): SecondCounts[] {
  const told = new Map([...seconds, ...more].map((one) => [one.second, one]));
  const sorted = [...told.values()].sort((one, other) => one.second - other.second);
  return sorted.slice(-ribbonMs / 1000);
}
