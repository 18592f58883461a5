import type { InvocationRow } from './feed-invocations.js';
import type { RecordingFacts } from './feed-recording.js';
import type { ActorState, FeedEvent, PluginState, Ribbon, SecondCounts, ServerState } from './feed-states.js';
import type { feedVersion } from './feed-version.js';

// What an inspected process tells whoever looks, line by line as JSON: the one contract between the host, the page, the
// terminal and recordings. Times are milliseconds since `Hello.epoch`, on the clock of the host. All text from outside is
// cut and cleaned by the host; what is redacted never leaves it.

/** The first line. */
export interface Hello {
  readonly v: typeof feedVersion;
  readonly type: 'hello';
  readonly host: {
    readonly name: string;
    readonly pid: number;
    readonly version: string;
    /** Another number after each start: a page that comes back to another process begins anew. */
    readonly start: string;
  };
  /** When its clock began, in milliseconds since 1970. */
  readonly epoch: number;
  readonly now: number;
  /** Deltas a second, at most. */
  readonly rate: number;
  /** Whether {@link ControlRequest}s are taken. */
  readonly control: boolean;
  readonly payloads: 'redacted' | 'shown';
  readonly ring: { readonly events: number; readonly invocations: number };
  /** By id, a fingerprint of the declaration: a recording by another version is told by it. */
  readonly machines: Readonly<Record<string, string>>;
  /** Live, or a recording that is looked at. */
  readonly source: 'live' | 'recording';
  /** Set for a recording. */
  readonly recording?: RecordingFacts;
}

/** The state of everything at `seq`, in pieces of at most 64 KB; `more` says whether another one follows. */
export interface SnapshotMessage {
  readonly v: typeof feedVersion;
  readonly type: 'snapshot';
  readonly seq: number;
  /** When that was. */
  readonly t: number;
  readonly actors: readonly ActorState[];
  readonly plugins?: readonly PluginState[];
  readonly servers?: readonly ServerState[];
  /** The newest first. */
  readonly invocations?: readonly InvocationRow[];
  /** The newest last. */
  readonly events?: readonly FeedEvent[];
  /** The last five minutes, the newest last. */
  readonly minutes?: readonly SecondCounts[];
  readonly ribbons?: Readonly<Record<string, Ribbon>>;
  readonly more: boolean;
}

/** What happened since the last one. An actor comes at most once, as it is now. */
export interface DeltaMessage {
  readonly v: typeof feedVersion;
  readonly type: 'delta';
  /** The first and the last event of it. */
  readonly seq: readonly [number, number];
  readonly t: number;
  readonly events?: readonly FeedEvent[];
  /** Each whole where it is new, else `id` and what has changed; a field that is gone is null. */
  readonly actors?: readonly ActorChange[];
  readonly plugins?: readonly PluginState[];
  readonly servers?: readonly ServerState[];
  /** Names of plugins and servers that the configuration has no more. */
  readonly removed?: { readonly plugins: readonly string[]; readonly servers: readonly string[] };
  /** Those that ended, or began and take long. */
  readonly invocations?: readonly InvocationRow[];
  /** Of each second that is over since the last one. */
  readonly seconds?: readonly SecondCounts[];
  /** Events of the last second, those that were not sent too. */
  readonly eventsPerSecond?: number;
}

/** What has changed of an actor; null is gone. */
export type ActorChange = { readonly id: string } & {
  readonly [Key in Exclude<keyof ActorState, 'id'>]?: ActorState[Key] | null;
};

/** Only every `drawn`th is sent, with exceptions; counters stay exact. */
export interface SampleMessage {
  readonly v: typeof feedVersion;
  readonly type: 'sample';
  readonly of: 'invocations' | 'events';
  readonly drawn: number;
  readonly keeps: readonly string[];
  readonly seen: number;
  readonly sent: number;
}

export interface GapMessage {
  readonly v: typeof feedVersion;
  readonly type: 'gap';
  readonly seq: readonly [number, number];
  readonly why: string;
}

export interface GoneMessage {
  readonly v: typeof feedVersion;
  readonly type: 'gone';
  readonly ids: readonly string[];
  readonly t: number;
}

export interface ByeMessage {
  readonly v: typeof feedVersion;
  readonly type: 'bye';
  readonly why: string;
}

export type FeedMessage =
  | Hello
  | SnapshotMessage
  | DeltaMessage
  | SampleMessage
  | GapMessage
  | GoneMessage
  | ByeMessage;
