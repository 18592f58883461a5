import type { builtInHooks } from '../../../src/index.js';
import type { Json } from '../host.js';

/** Chains in the words of YAML and of the wire, so that both implementations are told the same. */

/** Those of messages and identities have a suite of their own: `cmf.test.ts`. */
export type HookName = Exclude<
  (typeof builtInHooks)[number]['name'],
  `cmf.${string}` | 'evaluate' | 'identity_resolve' | 'token_delegate'
>;

/** Where a plugin writes: to the request, or to its own notes. */
export type NotesName = 'global' | 'global_metadata' | 'local' | 'local_metadata';

/** One thing that a plugin does to a record before it answers. */
export type Write =
  | { readonly to: NotesName; readonly do: 'set' | 'nest'; readonly key: string; readonly value: unknown }
  | { readonly to: NotesName; readonly do: 'count' | 'delete'; readonly key: string }
  | { readonly to: NotesName; readonly do: 'clear' };

/** What a plugin makes of its payload. */
export type Modification =
  /** Answers the payload as it is. */
  | { readonly kind: 'same' }
  /** A copy with some fields changed. */
  | { readonly kind: 'fields'; readonly fields: Json }
  /** A plain object of another shape. */
  | { readonly kind: 'foreign'; readonly value: Json }
  /** No object at all. */
  | { readonly kind: 'odd'; readonly value: unknown }
  /** The headers so far and these. */
  | { readonly kind: 'headers'; readonly value: Readonly<Record<string, string>> }
  /** The user that a request is from. */
  | { readonly kind: 'user'; readonly value: Json }
  | { readonly kind: 'decision'; readonly value: { readonly granted: boolean; readonly reason?: string | null } };

/** Fields that are absent are not answered; those that are null are. */
export interface Answer {
  readonly continue_processing?: boolean;
  readonly modified?: Modification | null;
  readonly violation?: Json | null;
  readonly metadata?: Json | null;
  readonly http_headers?: Readonly<Record<string, string>> | null;
  readonly retry_delay_ms?: number;
  readonly denial_metadata?: Json;
  /** A field that results do not have. */
  readonly violaton?: string;
}

export type End =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'odd'; readonly value: unknown }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'plugin_error'; readonly error: Json }
  | { readonly kind: 'violation'; readonly message: string; readonly violation: Json | null }
  | { readonly kind: 'hang' };

export interface Act {
  readonly steps: readonly Write[];
  /** Whether it writes before it waits, and not after. */
  readonly early: boolean;
  /** Milliseconds that it waits; no two plugins of a chain wait as long, nor any as long as some of them together. */
  readonly wait: number;
  readonly end: End;
  /** Whether our plugin answers at once; theirs cannot. */
  readonly sync: boolean;
}

/** A plugin's entry in a configuration, and beside it what the plugin does on each call. */
export interface ScriptedEntry {
  readonly name: string;
  readonly mode: string;
  readonly on_error?: string;
  readonly priority: number;
  readonly hooks: readonly HookName[];
  readonly conditions: readonly Json[];
  readonly acts: readonly Act[];
}

/** One hook of a request: through the chain, or with `plugin` by a plugin's name. */
export interface ChainCall {
  readonly hook: HookName;
  readonly payload: Json;
  readonly violations_as_exceptions: boolean;
  /** Milliseconds until its caller cancels it, if it does; never a moment at which anything else happens. */
  readonly cancel_after?: number;
  readonly plugin?: string;
  /** What a plugin that is called by name has noted before. */
  readonly local?: { readonly state: Json; readonly metadata: Json };
}

/** A configuration and one request with all its hooks. */
export interface Chain {
  readonly plugins: readonly ScriptedEntry[];
  /** Whose meaning the modes of 1.0.0 have. */
  readonly mode_dialect: 'contextforge' | 'cpex';
  readonly fail_on_plugin_error: boolean;
  /** Hook → fields that plugins may write. */
  readonly policies: Partial<Record<HookName, readonly string[]>>;
  readonly default_policy: 'allow' | 'deny';
  /** How many plugins may run side by side; 0 for all. */
  readonly execution_pool: number;
  readonly context: Json & { readonly request_id: string };
  readonly calls: readonly ChainCall[];
}

/** What a plugin saw when it was called. */
export interface Sight extends Json {
  readonly plugin: string;
  readonly hook: HookName;
  readonly payload: unknown;
}

/** What came of one call. */
export interface ChainOutcome extends Json {
  readonly result?: Json;
  readonly raised?: 'error' | 'violation' | 'cancelled' | 'other';
  readonly seen: readonly Sight[];
  /** When which plugin started, ended, and was told that nobody waits for it any more: `4 p1 ends`. */
  readonly order: readonly string[];
  /** What became of the plugins that run afterwards: `p3 completed`. */
  readonly background: readonly string[];
  /** Milliseconds until the caller had its answer. */
  readonly answered_at?: number;
  /** The records of the plugins that ran, but for their ids, in the words of the wire. */
  readonly executions?: readonly Json[];
}

/** Seconds a plugin may take. The clocks of both sides go by as fast as nothing is left to do. */
export const timeoutSeconds = 10;
