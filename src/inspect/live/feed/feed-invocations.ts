import type { ErrorState } from './feed-states.js';

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
