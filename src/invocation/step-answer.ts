import { messageOf } from '../errors.js';
import type { ExecutionReport } from '../hooks/denial-outcome.js';
import { type PluginResult, readViolation, type Violation } from '../hooks/hook-result.js';
import { isStatedViolation } from '../hooks/stated-violation.js';
import { type PluginError, PluginViolationError } from '../plugins/plugin-error.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { causeOf, readThrown } from '../plugins/thrown.js';
import {
  type ChainLog,
  logBlock,
  type LoggedRun,
  logLostNotes,
  logSameAnswer,
  logUnusedViolation,
} from './chain-log.js';
import type { MergeRules } from './chain-state.js';
import type { ChainStep } from './hook-chain.js';
import { checkedResult } from './result-check.js';
import { violationOf } from './result-merge.js';
import type { GlobalChanges, StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';

/** How a plugin that gave no answer ended. */
export type StepFailure =
  /** It threw its violation. */
  | { readonly kind: 'violation'; readonly error: PluginViolationError; readonly violation: Violation | undefined }
  | { readonly kind: 'error'; readonly error: PluginError };

/**
 * What a plugin answered, with what it changed in place; undefined for most answers that change nothing.
 *
 * @throws PluginError PLUGIN_RESULT_INVALID
 */
export function readAnswer(
  returned: unknown,
  { plugin, writes }: ChainStep,
  payload: unknown,
  view: PayloadView | undefined,
  rules: MergeRules,
  log: ChainLog,
): PluginResult | undefined {
  const result = checkedResult(returned, plugin, rules);
  if (view !== undefined) return view.answered(result, rules.hook, plugin.name);
  // What is answered is what was given: nothing was changed, or a change is lost that code in sloppy mode made in place.
  if (result?.modifiedPayload !== undefined && result.modifiedPayload === payload) {
    writes.distrust();
    logSameAnswer(log, plugin);
  }
  return result;
}

/** What a plugin threw, read. A violation is logged. @param report what errors tell of the chain @param run what the log tells of it */
export function readFailure(
  thrown: unknown,
  plugin: ChainPlugin,
  log: ChainLog,
  report: ExecutionReport | undefined,
  run: () => LoggedRun,
): StepFailure {
  const read = readThrown(thrown, plugin.name, report);
  if (read.kind === 'failure') return { kind: 'error', error: read.error };
  const given = isStatedViolation(read.violation) ? undefined : readViolation(read.violation, () => undefined);
  const violation = given === undefined ? undefined : violationOf(plugin.name, given);
  logBlock(log, plugin, violation, run, true);
  const { cause } = read;
  const error = new PluginViolationError(log.hook, plugin.name, violation, { cause, report });
  return { kind: 'violation', violation, error };
}

/** True for an error that no mode lets pass: its answer may have said stop, and its plugin may. */
export function denies({ rights }: ChainPlugin, { kind, error }: StepFailure): boolean {
  return kind === 'violation' || (rights.mayBlock && error.mayBeStop);
}

/** Says what of an answer deserves a word: that it blocks, or that its violation counts for nothing. */
export function logAnswer(
  log: ChainLog,
  plugin: ChainPlugin,
  result: PluginResult | undefined,
  asGiven: boolean,
  run: () => LoggedRun,
): void {
  if (result?.continueProcessing === false) logBlock(log, plugin, result.violation, run);
  else if (result?.violation !== undefined && !asGiven) logUnusedViolation(log, plugin);
}

/** Whether notes that cannot be taken fail the plugin: not where it blocks, nor where its errors are not raised. */
export function mustKeepNotes({ mayBlock, raisesErrors }: ChainPlugin['rights'], stops: boolean): boolean {
  return raisesErrors && !(stops && mayBlock);
}

/** Keeps a plugin's own notes, and merges what it wrote to the request if `merge` says so; what cannot be kept is logged. */
export function finishAnyway(context: StepContext | undefined, merge: boolean, log: ChainLog): void {
  attempt(() => context?.finish(merge), log);
}

/** Keeps a plugin's own notes, and gives back what it wrote to the request; what cannot be kept is logged. */
export function keepAnyway(context: StepContext, log: ChainLog): GlobalChanges | undefined {
  return attempt(() => context.keep(), log);
}

/** Merges what a plugin wrote to the request; what cannot be merged is logged. */
export function mergeAnyway(context: StepContext, changes: GlobalChanges | undefined, log: ChainLog): void {
  attempt(() => context.merge(changes), log);
}

function attempt<Value>(take: () => Value, log: ChainLog): Value | undefined {
  try {
    return take();
  } catch (err) {
    logLostNotes(log, causeOf(err), messageOf(err));
    return undefined;
  }
}
