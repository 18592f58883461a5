/**
 * What an inspected process tells whoever looks, line by line as JSON: the one contract between the host, the page, the
 * terminal and recordings. Times are milliseconds since `Hello.epoch`, on the clock of the host. All text from outside is
 * cut and cleaned by the host; what is redacted never leaves it.
 */
export const feedVersion = 1;

/** What an actor stands for. */
export type ActorKind =
  | 'connection'
  | 'server'
  | 'session'
  | 'login'
  | 'stream'
  | 'plugin'
  | 'invocation'
  | 'call'
  | 'gatewayCall'
  | 'reload'
  | 'watch'
  | 'listener'
  | 'other';

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
  /** Those that ended, or began and take long. */
  readonly invocations?: readonly InvocationRow[];
  /** Of each second that is over since the last one. */
  readonly seconds?: readonly SecondCounts[];
  /** Events of the last second, those that were not sent too. */
  readonly eventsPerSecond?: number;
}

/** An actor as a row shows it. */
export interface ActorState {
  /** `connection:github`, `invocation:8f2c19`: its own in the process, as long as the process lives. */
  readonly id: string;
  readonly kind: ActorKind;
  /** Id of its machine, `connection`. */
  readonly machine: string;
  /** What people call it: `github`. */
  readonly name: string;
  /** Where it is, nested states with dots. */
  readonly at: string;
  /** When it came there. */
  readonly since: number;
  /** When it was made. */
  readonly began: number;
  /** When it ended. */
  readonly ended?: number;
  readonly timer?: TimerState;
  /** Which attempt of how many. */
  readonly attempt?: readonly [number, number];
  /** Calls that wait, of how many that may. */
  readonly waiting?: number;
  readonly maxWaiting?: number;
  readonly inFlight?: number;
  /** Calls in the last second. */
  readonly perSecond?: number;
  /** Median of the last minute, in milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
  /** Where it leads: `127.0.0.1:8931`, `npx server-github`. Without secrets. */
  readonly target?: string;
  readonly error?: ErrorState;
  /** The transition that brought it here. */
  readonly last?: LastTransition;
  /** Other facts of its context, already as text. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What has changed of an actor; null is gone. */
export type ActorChange = { readonly id: string } & {
  readonly [Key in Exclude<keyof ActorState, 'id'>]?: ActorState[Key] | null;
};

export interface TimerState {
  /** `after backoff`. */
  readonly event: string;
  readonly due: number;
  /** How long it runs in all, in milliseconds. */
  readonly of: number;
}

export interface ErrorState {
  readonly code: string;
  readonly message: string;
  readonly t: number;
}

export interface LastTransition {
  /** `openLink failed`. */
  readonly event: string;
  readonly from: string;
  readonly t: number;
}

/** One event that an actor took. */
export interface FeedEvent {
  readonly s: number;
  readonly t: number;
  /** Id of the actor. */
  readonly a: string;
  /** The event in words, as the charts have it: `after backoff`, `openLink failed`. */
  readonly e: string;
  readonly from: string;
  readonly to: string;
  /** Guards that were asked on the way, and what they said. */
  readonly guard?: Readonly<Record<string, boolean>>;
  /** Actions that were carried out. */
  readonly did?: readonly string[];
  /** What the event carries that may be shown. */
  readonly data?: Readonly<Record<string, string | number | boolean>>;
  /** `s` of the event that it comes of. */
  readonly cause?: number;
  /** Whether it is out of the ordinary: an error, a block, a time-out. */
  readonly odd?: boolean;
}

/** What one second brought. */
export interface SecondCounts {
  /** Second since the epoch. */
  readonly second: number;
  readonly passed: number;
  readonly modified: number;
  readonly blocked: number;
  /** Failed, timed out or aborted. */
  readonly failed: number;
  /** Calls through the gateway, or hooks where there is none. */
  readonly calls: number;
  readonly p50?: number;
  readonly p99?: number;
  /** Median of what the chains took of a call. */
  readonly chain?: number;
  readonly blocksBy?: Readonly<Record<string, number>>;
}

/** The states of an actor in the last minutes: when it came to each, oldest first. */
export type Ribbon = readonly (readonly [t: number, state: string])[];

export interface PluginState {
  readonly name: string;
  readonly kind: string;
  readonly mode: string;
  /** Where the plugin machine is, or `off` and `failed`. */
  readonly at: string;
  readonly since?: number;
  readonly timer?: TimerState;
  readonly error?: ErrorState;
  readonly hooks: readonly string[];
  readonly priority: number;
  /** `sequential`, `transform`, `audit`, `concurrent`, `background`. */
  readonly phase: string;
  /** Place in the order in which they run. */
  readonly place: number;
  readonly version?: string;
  /** `plugins.yaml:41`. */
  readonly source?: string;
  readonly calls?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly blocksPerMinute?: number;
  /** Id of its connection, where it lives elsewhere. */
  readonly connection?: string;
}

/** One MCP server behind the gateway. */
export interface ServerState {
  readonly name: string;
  readonly at: string;
  readonly since: number;
  readonly target: string;
  readonly transport: string;
  readonly tools?: readonly { readonly name: string; readonly description?: string }[];
  readonly sessions: number;
  readonly restarts: number;
  readonly login?: string;
  readonly error?: string;
  /** Ids of the connections of its sessions. */
  readonly connections: readonly string[];
}

/** How an invocation ended. */
export type InvocationOutcome = 'running' | 'passed' | 'modified' | 'blocked' | 'failed' | 'timedOut' | 'aborted';

/** How one plugin did in a chain. */
export type StepStatus =
  | 'running'
  | 'passed'
  | 'modified'
  | 'blocked'
  | 'failed'
  | 'timedOut'
  | 'aborted'
  | 'skipped'
  | 'disabled'
  | 'background'
  | 'notReached';

/** An invocation as the list has it. */
export interface InvocationRow {
  readonly id: string;
  readonly requestId: string;
  readonly hook: string;
  /** Name of the tool, prompt, resource, agent; or of the hook. */
  readonly subject: string;
  readonly agent?: string;
  readonly tenant?: string;
  readonly t: number;
  /** Milliseconds until it was decided; undefined while it runs. */
  readonly decided?: number;
  readonly outcome: InvocationOutcome;
  /** Plugin that decided. */
  readonly by?: string;
  /** One for each step, in the order of the chain. */
  readonly ticks: readonly (readonly [phase: string, status: StepStatus])[];
  /** The gateway call it belongs to: others of the same call have the same. */
  readonly call?: string;
}

/** Everything of one invocation. */
export interface InvocationDetail extends InvocationRow {
  /** Of the configuration: `r41`. */
  readonly revision: string;
  readonly steps: readonly StepDetail[];
  readonly violation?: ViolationDetail;
  /** Fingerprints of the payload as it came, and as whoever decided saw it. */
  readonly fp: readonly [string, string] | readonly [string];
  /** The sum of all changes. */
  readonly diff?: DiffDetail;
  /** What the agent was told, where it was told something. */
  readonly told?: string;
  /** Who had a part in the call, in the order of what happened. */
  readonly sequence: readonly SequenceMessage[];
  /** Deadline of what runs. */
  readonly deadline?: number;
  readonly error?: ErrorState;
}

export interface StepDetail {
  readonly p: string;
  readonly phase: string;
  readonly status: StepStatus;
  /** Milliseconds after the invocation began; undefined where it did not start. */
  readonly t?: number;
  readonly ms?: number;
  readonly deadlineMs?: number;
  /** The condition that does not match, of one that was skipped. */
  readonly why?: string;
  readonly diff?: DiffDetail;
  readonly error?: ErrorState;
  readonly version?: string;
  readonly mode: string;
  readonly source?: string;
  /** How it is reached: undefined in this process, else `mcp`, `unix`, `grpc`. */
  readonly wire?: string;
  readonly connection?: string;
  /** What the connection was doing when it ran out of time. */
  readonly outstanding?: string;
}

export interface ViolationDetail {
  readonly code: string;
  readonly reason: string;
  readonly description?: string;
  /** Path into the payload, `args.sql`. */
  readonly at?: string;
  readonly details?: Readonly<Record<string, ShownValue>>;
  /** Whether the mode let it count. */
  readonly counts: boolean;
}

/** Changes by path, at most 50. */
export interface DiffDetail {
  readonly changes: readonly ValueChange[];
  /** How many more there are. */
  readonly more: number;
  readonly unchanged: number;
  /** The payloads are so large that not all of them was compared. */
  readonly isCut?: boolean;
}

export interface ValueChange {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly was?: ShownValue;
  readonly now?: ShownValue;
}

/** A value as far as it may be shown: what it is and a fingerprint, or itself. */
export interface ShownValue {
  readonly type: 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object' | 'binary';
  /** Characters, entries or bytes. */
  readonly length?: number;
  /** HMAC under a key of the process, 8 hexadecimal digits. */
  readonly fp?: string;
  /** As text; only where payloads are shown. */
  readonly text?: string;
}

/** One arrow, or a note, of a sequence diagram. */
export interface SequenceMessage {
  readonly from: string;
  /** Same as `from`: a note. */
  readonly to: string;
  readonly text: string;
  readonly t: number;
  readonly kind: 'call' | 'answer' | 'note' | 'refusal' | 'notCalled';
  /** Those of one group ran side by side. */
  readonly group?: number;
}

/** What an actor would do now with each event that it takes: the answer to `GET /next?actor=`. */
export interface NextMessage {
  readonly v: typeof feedVersion;
  readonly type: 'next';
  readonly actor: string;
  readonly seq: number;
  readonly events: readonly PossibleEvent[];
}

export interface PossibleEvent {
  readonly e: string;
  /** State that takes it; empty: in any state. */
  readonly src: string;
  readonly guard?: string;
  /** Whether it would be taken now; undefined: depends on the event. */
  readonly holds?: boolean;
  /** The fact behind the guard: `4 of 100 wait`. */
  readonly because?: string;
  /** Another one above is taken first. */
  readonly shadowed?: boolean;
  readonly does?: readonly string[];
  /** Undefined: it stays. */
  readonly to?: string;
  readonly due?: number;
}

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

/** `POST /control`. `expect` is the state on which it was decided. */
export type ControlRequest =
  | { readonly do: 'retry' | 'close'; readonly actor: string; readonly expect: string }
  | { readonly do: 'enable' | 'disable'; readonly plugin: string; readonly expect: string }
  | { readonly do: 'setMode'; readonly plugin: string; readonly mode: string; readonly expect: string }
  | { readonly do: 'reload' };

/** What came of a {@link ControlRequest}. */
export type ControlAnswer =
  | { readonly ok: true; readonly said: string }
  | { readonly ok: false; readonly status: 409; readonly now: string }
  | { readonly ok: false; readonly status: 400 | 403 | 404 | 429 | 500; readonly said: string };

/** What is known of a recording before its first event. */
export interface RecordingFacts {
  readonly file: string;
  /** Milliseconds from its first event to its last. */
  readonly ms: number;
  readonly events: number;
  readonly actors: number;
  readonly madeBy: string;
  /** Where its last whole line ends, if it was cut off there. */
  readonly cutOff?: number;
  readonly departures: readonly Departure[];
  /** For the tape: a ribbon per actor, and decisions. */
  readonly tape: {
    readonly ribbons: Readonly<Record<string, Ribbon>>;
    readonly decisions: readonly (readonly [t: number, seq: number, outcome: InvocationOutcome])[];
  };
}

/** Where a replay goes another way than the recording. */
export interface Departure {
  readonly seq: number;
  readonly t: number;
  readonly actor: string;
  /** In one sentence. */
  readonly text: string;
}

/** `GET /step?seq=`: everything as it was at one event of a recording. */
export interface StepMessage {
  readonly v: typeof feedVersion;
  readonly type: 'step';
  readonly seq: number;
  readonly t: number;
  readonly event: FeedEvent;
  readonly actors: readonly ActorState[];
  /** What the event changed in its actor's context, as text. */
  readonly changed: readonly { readonly name: string; readonly was: string; readonly now: string }[];
}

/** `GET /steps?from=&count=`: events of a recording. */
export interface StepsMessage {
  readonly v: typeof feedVersion;
  readonly type: 'steps';
  readonly events: readonly FeedEvent[];
}

/** `GET /until?actor=&state=` and the like: the next event of a recording at which that holds. */
export interface UntilMessage {
  readonly v: typeof feedVersion;
  readonly type: 'until';
  /** Undefined: it never does. */
  readonly seq?: number;
}
