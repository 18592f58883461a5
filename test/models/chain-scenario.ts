import type { ModeDialect, OnError, PluginModeName } from '../../src/config/sections/plugin-modes.js';

export const hookNames = [
  'tool_pre_invoke',
  'http_pre_request',
  'http_auth_check_permission',
  'http_auth_resolve_user',
] as const;
export type HookName = (typeof hookNames)[number];
export type Mode = PluginModeName;

/** What a plugin writes before it answers. `shared` is there from the start, at depth. */
export type Write =
  | { readonly to: 'global' | 'local'; readonly do: 'set'; readonly key: string; readonly value: number }
  | { readonly to: 'global' | 'local'; readonly do: 'delete'; readonly key: string }
  | { readonly to: 'global' | 'local'; readonly do: 'count' }
  | { readonly to: 'local'; readonly do: 'copyShared' }
  | { readonly to: 'global'; readonly do: 'publishNotes' }
  /** Tries to change the payload it was given. */
  | { readonly to: 'payload'; readonly do: 'spoil' };

/** What a plugin gives back as `modifiedPayload`; what that is depends on the hook. */
export type Modification =
  | { readonly kind: 'none' | 'same' | 'foreign' | 'null' | 'text' | 'list' }
  | { readonly kind: 'fields'; readonly fields: readonly ('name' | 'args' | 'headers')[]; readonly value: number }
  | { readonly kind: 'headers'; readonly key: string; readonly value: number }
  | { readonly kind: 'decision'; readonly granted: boolean };

export interface Answer {
  readonly stops: boolean;
  readonly violation: boolean;
  readonly modification: Modification;
  readonly metadata: 'none' | 'own' | 'decision' | 'draft';
  readonly header: number | undefined;
  readonly retryDelayMs: number | undefined;
}

export interface Act {
  /** When it ends; undefined: never. `sync` and 0 differ in that the latter is a promise. */
  readonly takes: 'sync' | number | undefined;
  /** What it writes as soon as it is started. */
  readonly writes: readonly Write[];
  /** What it writes just before it ends, if its signal has not aborted by then. */
  readonly lastWrites: readonly Write[];
  /** Rejects as soon as its signal aborts; another one goes on, and answers to nobody. */
  readonly heedsSignal: boolean;
  readonly end:
    | { readonly kind: 'throws' }
    /** Throws its violation. */
    | { readonly kind: 'denies' }
    | { readonly kind: 'malformed' }
    | { readonly kind: 'answers'; readonly answer: Answer };
}

export interface ScenarioPlugin {
  readonly mode: Mode;
  /** Undefined: the entry does not say. */
  readonly onError: OnError | undefined;
  readonly priority: number;
  readonly conditions: readonly { tools?: string[]; server_ids?: string[]; user_patterns?: string[] }[];
  /** What its notes on the request say beforehand; undefined: there are none. */
  readonly noted: number | undefined;
  /** One for each of the two times the hook is invoked. */
  readonly acts: readonly [Act, Act];
}

export interface Scenario {
  readonly hook: HookName;
  readonly plugins: readonly ScenarioPlugin[];
  readonly policy: 'allow' | 'deny' | readonly string[];
  readonly modeDialect: ModeDialect;
  readonly failOnPluginError: boolean;
  readonly violationsAsExceptions: boolean;
  readonly executionPool: number;
  /** Milliseconds into each of the two invocations; undefined: never. */
  readonly cancelAfter: readonly [number | undefined, number | undefined];
  /** Milliseconds into the second invocation at which the manager is closed; undefined: when all is over. */
  readonly closeAfter: number | undefined;
  /** Milliseconds that what runs after the answer has when the manager is closed. */
  readonly shutdownTimeoutMs: number;
}

/** Milliseconds a plugin may take. */
export const timeoutMs = 100;

/** What plugins are called, by their position in the scenario. */
export function pluginName(position: number): string {
  return `plugin ${position}`;
}

/** What the host passes in. */
export const payloads: Readonly<Record<HookName, Record<string, unknown>>> = {
  tool_pre_invoke: { name: 'tool', args: { text: 'hello', nested: { list: [1, 2] } } },
  http_pre_request: { path: '/', method: 'GET', headers: { host: 'here' } },
  http_auth_check_permission: { userEmail: 'alice@example.org', permission: 'tools.read', isAdmin: false },
  http_auth_resolve_user: { headers: { host: 'here' } },
};
