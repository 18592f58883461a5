import type { InvocationRow } from '../../feed/feed-invocations.js';
import type { ActorState, FeedEvent, PluginState, Ribbon, SecondCounts, ServerState } from '../../feed/feed-states.js';
import type { GapMessage, Hello, SampleMessage } from '../../feed/messages.js';
import type { FeedState } from '../feed/feed-state.js';
import { Ring } from './ring.js';

/** What the page holds of events and invocations, whatever the host does. */
const mostEvents = 20_000;
export const mostInvocations = 2_000;
/** Seconds, and what ribbons show. */
export const heldSeconds = 300;
/** Actors that are gone and can still be read. */
export const mostGone = 200;

/**
 * All that the page knows, at one moment. Nobody changes one: each message makes another, so that a moment can be held
 * while news comes in.
 */
export interface Model {
  readonly feed: FeedState;
  readonly hello: Hello | undefined;
  /** Number of the last event that is in it. */
  readonly seq: number;
  /** When that was, in milliseconds since the epoch of the host. */
  readonly t: number;
  readonly actors: ReadonlyMap<string, ActorState>;
  /** Those that have ended and that the host has let go, as they last were; the oldest first. */
  readonly gone: ReadonlyMap<string, ActorState>;
  /** In the order in which they run. */
  readonly plugins: readonly PluginState[];
  readonly servers: readonly ServerState[];
  /** By id, the oldest first. */
  readonly invocations: ReadonlyMap<string, InvocationRow>;
  /** The oldest first. */
  readonly events: Ring<FeedEvent>;
  /** Of the last five minutes, the oldest first. */
  readonly seconds: readonly SecondCounts[];
  /** By the id of the actor. */
  readonly ribbons: ReadonlyMap<string, Ribbon>;
  /** What is not sent as a whole. */
  readonly samples: ReadonlyMap<SampleMessage['of'], SampleMessage>;
  /** The last gap in the events. */
  readonly gap: GapMessage | undefined;
  /** Undefined: not told. */
  readonly eventsPerSecond: number | undefined;
}

export const emptyModel: Model = {
  feed: { at: 'signingIn' },
  hello: undefined,
  seq: 0,
  t: 0,
  actors: new Map(),
  gone: new Map(),
  plugins: [],
  servers: [],
  invocations: new Map(),
  events: Ring.holding(mostEvents),
  seconds: [],
  ribbons: new Map(),
  samples: new Map(),
  gap: undefined,
  eventsPerSecond: undefined,
};

/** Whether there is something to show. */
export function isLoaded(model: Model): boolean {
  return model.t > 0 || model.seq > 0;
}
