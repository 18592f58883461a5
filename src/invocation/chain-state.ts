import type { Extensions } from '../extensions/extensions.js';
import type { DenialMetadata, Violation } from '../hooks/hook-result.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PayloadReader } from '../hooks/payload-reader.js';
import type { PayloadPolicy } from '../hooks/payload-policy.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';

/** What has come of a chain so far. Never changed, only replaced. */
export interface ChainState {
  /** What the next plugin gets; deeply frozen. */
  readonly payload: unknown;
  /** What the caller gets as `modifiedPayload`. */
  readonly modified: unknown;
  /** The plugin whose modification that is. */
  readonly decidedBy: string | undefined;
  /** What the next plugin sees of, as far as it may. */
  readonly extensions: Extensions | undefined;
  readonly violation: Violation | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** Of the plugin that blocked. */
  readonly denialMetadata: DenialMetadata | undefined;
  readonly httpHeaders: Readonly<Record<string, string>> | undefined;
  readonly retryDelayMs: number;
}

/** A chain in which no plugin has answered yet. */
export function emptyChain(payload: unknown, extensions: Extensions | undefined): ChainState {
  return {
    payload,
    modified: undefined,
    decidedBy: undefined,
    extensions,
    violation: undefined,
    metadata: undefined,
    denialMetadata: undefined,
    httpHeaders: undefined,
    retryDelayMs: 0,
  };
}

/** What comes of a chain, while one answer is put into it. */
export type ChainDraft = { -readonly [Part in keyof ChainState]: ChainState[Part] };

/** A chain to put one answer into. Written out: to spread what came before and put fields over it takes several times as long. */
export function draftOf(chain: ChainState): ChainDraft {
  return {
    payload: chain.payload,
    modified: chain.modified,
    decidedBy: chain.decidedBy,
    extensions: chain.extensions,
    violation: chain.violation,
    metadata: chain.metadata,
    denialMetadata: chain.denialMetadata,
    httpHeaders: chain.httpHeaders,
    retryDelayMs: chain.retryDelayMs,
  };
}

/** How the results of a hook's plugins are put together. */
export interface MergeRules {
  readonly hook: HookDefinition;
  readonly payload: PayloadReader;
  /** Of a hook with a result of its own. */
  readonly result: PayloadReader | undefined;
  /** Of a hook with a result of its own only whether there is one matters: `writable` names fields of the payload. */
  readonly policy: PayloadPolicy | undefined;
  readonly defaultPolicy: 'allow' | 'deny';
  readonly maxPayloadSize: number;
  /** Whether a block without a modification of its own answers with the blocker's input, as the framework's chain does. */
  readonly blockAnswersInput: boolean;
  /**
   * For a plugin that is called by name: a violation and its numbers stand where it does not stop, a retry delay where it does, its
   * metadata has all its keys, and what it wrote to the global state stays when it fails.
   */
  readonly asGiven: boolean;
  /** Says that something a plugin asked for was not taken. */
  warn(plugin: ChainPlugin, message: string): void;
}

/** Metadata keys that only the chain itself writes. */
export const decisionKey = '_decision_plugin';

/** The metadata the caller gets. */
export function finalMetadata(chain: ChainState, hook: HookDefinition): Record<string, unknown> {
  const metadata: Record<string, unknown> = { ...chain.metadata };
  if (hook.reportsDecision === true && chain.decidedBy !== undefined) metadata[decisionKey] = chain.decidedBy;
  return metadata;
}
