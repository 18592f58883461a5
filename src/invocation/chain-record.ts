import { type ExecutionRecord, type ExecutionStatus, recordKeys, recordText } from '../hooks/execution-record.js';

import type { DenialMetadata, Violation } from '../hooks/hook-result.js';
import type { PluginError } from '../plugins/plugin-error.js';
import type { ChainStep } from './hook-chain.js';
import type { StepFailure } from './step-answer.js';

/** What a plugin answered, where that is more than a clean pass. */
export interface ExecutedAnswer {
  readonly kind: 'answer';
  readonly asksToDeny: boolean;
  readonly violation: Violation | undefined;
  readonly denialMetadata: DenialMetadata | undefined;
  readonly payloadModified: boolean;
  readonly extensionsModified: boolean;
}

/** What became of a plugin, and of the chain by it. */
export interface ExecutionEnding {
  readonly end: ExecutedAnswer | StepFailure | { readonly kind: 'cancelled' };
  /** It ended the chain. */
  readonly decides: boolean;
  /** The words in which the caller is told, where that is an error. */
  readonly message: string | undefined;
  readonly durationMs: number;
}

export const cleanPass: ExecutedAnswer = {
  kind: 'answer',
  asksToDeny: false,
  violation: undefined,
  denialMetadata: undefined,
  payloadModified: false,
  extensionsModified: false,
};

/** The record of a plugin that ran to its end in the chain. */
export function recordOf(hook: string, step: ChainStep, ending: ExecutionEnding): ExecutionRecord {
  const { end } = ending;
  const durationNs = Math.round(ending.durationMs * 1_000_000);
  switch (end.kind) {
    case 'answer':
      return Object.freeze({ ...bareRecord(hook, step, 'completed'), durationNs, ...answered(step, end, ending) });
    case 'violation': {
      const answer = { ...cleanPass, asksToDeny: true, violation: end.violation };
      return Object.freeze({ ...bareRecord(hook, step, 'completed'), durationNs, ...answered(step, answer, ending) });
    }
    case 'error': {
      const status = end.error.code === 'PLUGIN_TIMEOUT' ? 'timeout' : 'error';
      return Object.freeze({ ...bareRecord(hook, step, status), durationNs, ...failed(step, end.error, ending) });
    }
    case 'cancelled':
      return Object.freeze({ ...bareRecord(hook, step, 'cancelled'), durationNs });
  }
}

/** The record of a plugin of which no end is known: it did not run, or runs in the background. */
export function recordWithoutEnd(hook: string, step: ChainStep, status: ExecutionStatus): ExecutionRecord {
  return Object.freeze(bareRecord(hook, step, status));
}

function failed(
  { plugin: { rights } }: ChainStep,
  { code, failure }: PluginError,
  { decides }: ExecutionEnding,
): Partial<ExecutionRecord> {
  return {
    effectiveAllow: !decides,
    // One that is passed over counts as applied where its plugin might have stopped the chain in its turn, as in cpex.
    applied: decides || (rights.mayBlock && rights.schedule === 'inTurn'),
    reason: recordText(failure.message),
    errorCode: code === 'PLUGIN_TIMEOUT' ? 'plugin_timeout' : 'plugin_error',
  };
}

function answered(
  { plugin: { rights } }: ChainStep,
  { asksToDeny, violation, payloadModified, extensionsModified }: ExecutedAnswer,
  { decides, message }: ExecutionEnding,
): Partial<ExecutionRecord> {
  // Side by side more than one may deny; the first decides.
  const denies = decides || (asksToDeny && rights.mayBlock);
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
