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
