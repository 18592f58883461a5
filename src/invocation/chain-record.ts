import { type ExecutionRecord, type ExecutionStatus, recordKeys, recordText } from '../hooks/execution-record.js';
import type { DenialMetadata } from '../hooks/denial-outcome.js';
import type { Violation } from '../hooks/hook-result.js';
import type { ChainStep } from './hook-chain.js';

/** What became of a plugin that answered, where that is more than a clean pass. */
export interface ExecutedAnswer {
  readonly status: 'completed';
  readonly asksToDeny: boolean;
  readonly violation: Violation | undefined;
  readonly denialMetadata: DenialMetadata | undefined;
  readonly payloadModified: boolean;
  readonly extensionsModified: boolean;
}

/** What became of a plugin that gave no answer. */
export interface ExecutedFailure {
  readonly status: 'error' | 'timeout';
  readonly message: string;
}

/** What became of a plugin, and of the chain by it. */
export interface ExecutedFate {
  readonly end: ExecutedAnswer | ExecutedFailure | { readonly status: 'cancelled' };
  /** It ended the chain. */
  readonly decides: boolean;
  /** The words in which the caller is told, where that is an error. */
  readonly message: string | undefined;
  readonly durationMs: number;
}

export const cleanPass: ExecutedAnswer = {
  status: 'completed',
  asksToDeny: false,
  violation: undefined,
  denialMetadata: undefined,
  payloadModified: false,
  extensionsModified: false,
};

/** The record of a plugin that ran to its end in the chain. */
export function recordOf(hook: string, step: ChainStep, fate: ExecutedFate): ExecutionRecord {
  const { end, decides, durationMs } = fate;
  const bare = { ...bareRecord(hook, step, end.status), durationNs: Math.round(durationMs * 1_000_000) };
  if (end.status === 'cancelled') return Object.freeze(bare);
  const { mayBlock, schedule } = step.plugin.rights;
  if (end.status === 'completed') return Object.freeze({ ...bare, ...answered(end, fate, mayBlock) });
  return Object.freeze({
    ...bare,
    effectiveAllow: !decides,
    // An error that is passed over counts as applied where the plugin might have stopped the chain in its turn, as in cpex.
    applied: decides || (mayBlock && schedule === 'inTurn'),
    reason: recordText(end.message),
    errorCode: end.status === 'error' ? 'plugin_error' : 'plugin_timeout',
  });
}

/** The record of a plugin of which no end is known: it did not run, or runs in the background. */
export function recordWithoutEnd(hook: string, step: ChainStep, status: ExecutionStatus): ExecutionRecord {
  return Object.freeze(bareRecord(hook, step, status));
}

function answered(
  { asksToDeny, violation, payloadModified, extensionsModified }: ExecutedAnswer,
  { decides, message }: ExecutedFate,
  mayBlock: boolean,
): Partial<ExecutionRecord> {
  // Side by side more than one may deny; the first decides.
  const denies = decides || (asksToDeny && mayBlock);
  const changes = payloadModified || extensionsModified;
  const told = asksToDeny ? violation : undefined;
  const raised = decides && told === undefined ? message : undefined;
  return {
    requestedAllow: !asksToDeny,
    effectiveAllow: !denies,
    matched: asksToDeny || changes,
    applied: denies || changes,
    payloadModified,
    extensionsModified,
    ...(told !== undefined && { reason: recordText(told.reason), errorCode: recordText(told.code) }),
    ...(raised !== undefined && { reason: recordText(raised), errorCode: 'plugin_violation' }),
  };
}

function bareRecord(hookName: string, { plugin }: ChainStep, status: ExecutionStatus): ExecutionRecord {
  return {
    pluginId: plugin.id,
    pluginName: plugin.name,
    pluginKind: recordText(plugin.config.kind),
    hookName,
    mode: plugin.rights.mode,
    status,
    requestedAllow: undefined,
    effectiveAllow: true,
    matched: undefined,
    applied: false,
    payloadModified: false,
    extensionsModified: false,
    durationNs: 0,
    reason: undefined,
    errorCode: undefined,
    configKeys: recordKeys(plugin.config.config),
  };
}
