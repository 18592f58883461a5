import { messageOf } from '../errors.js';
import { isEmpty } from '../json/records.js';
import { DecodedResult } from '../wire/decoded-result.js';
import { mergeHeaders, oneEntryPerName } from '../hooks/headers.js';
import type { DenialMetadata, PluginResult, Violation } from '../hooks/hook-result.js';
import { copyIfReadable, frozenCopy } from '../hooks/payload-copy.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { mergeWrittenExtensions } from './extension-writes.js';
import { type ChainDraft, type ChainState, decisionKey, draftOf, type MergeRules } from './chain-state.js';
import { denies, mergeModification } from './modification-merge.js';

/**
 * Puts the result of one plugin into the chain.
 *
 * @throws what parts of it throw that cannot be taken; not where the plugin blocks: then they are left out, and it blocks
 */
export function mergeResult(
  chain: ChainState,
  result: PluginResult,
  plugin: ChainPlugin,
  rules: MergeRules,
): ChainState {
  const next = draftOf(chain);
  if (result.continueProcessing === false && plugin.rights.mayBlock) takeBlock(next, chain, result, plugin, rules);
  else takePass(next, result, plugin, rules);
  return next;
}

function takePass(next: ChainDraft, result: PluginResult, plugin: ChainPlugin, rules: MergeRules): void {
  const { metadata, denialMetadata, httpHeaders, modifiedPayload, modifiedExtensions, violation } = result;
  takeDelay(next, result);
  if (metadata !== undefined && !isWrittenOut(metadata, result)) takeMetadata(next, metadata, rules);
  if (httpHeaders !== undefined) next.httpHeaders = mergeHeaders(next.httpHeaders, httpHeaders);
  if (modifiedPayload !== undefined) mergeModification(next, modifiedPayload, plugin, rules);
  if (modifiedExtensions !== undefined) mergeWrittenExtensions(next, modifiedExtensions, plugin, rules);
  if (!rules.asGiven) return;
  if (denialMetadata !== undefined) takeDenialMetadata(next, denialMetadata);
  if (violation !== undefined) next.violation = violationOf(plugin.name, violation);
}

/** @param before the chain as the blocker found it */
function takeBlock(
  next: ChainDraft,
  before: ChainState,
  result: PluginResult,
  plugin: ChainPlugin,
  rules: MergeRules,
): void {
  const { metadata, denialMetadata, httpHeaders, modifiedPayload, modifiedExtensions, violation } = result;
  const { rights } = plugin;
  const dropsModification = !rights.keepsModificationOfBlock;
  const take = (part: string, merge: () => void): void => {
    try {
      merge();
    } catch (error) {
      rules.warn(plugin, `it blocks, and its ${part} is left out: ${messageOf(error)}`);
    }
  };
  if (rules.asGiven) takeDelay(next, result);
  else next.retryDelayMs = 0;
  if (metadata !== undefined && !isWrittenOut(metadata, result))
    take('metadata', () => takeMetadata(next, metadata, rules));
  if (httpHeaders !== undefined)
    take('httpHeaders', () => (next.httpHeaders = mergeHeaders(next.httpHeaders, httpHeaders)));
  if (modifiedPayload !== undefined) {
    take('modified payload', () => {
      if (!dropsModification || denies(modifiedPayload, rules)) mergeModification(next, modifiedPayload, plugin, rules);
    });
  }
  if (modifiedExtensions !== undefined)
    take('modified extensions', () => mergeWrittenExtensions(next, modifiedExtensions, plugin, rules));
  next.violation = undefined;
  // What runs in the background is given what the blocker saw, also where its modification is kept.
  next.payload = before.payload;
  if (rules.hook.reportsDecision === true) next.decidedBy = plugin.name;
  // An earlier grant must not outlive a block.
  if (rules.hook.denies !== undefined && !denies(next.modified, rules)) next.modified = undefined;
  if (dropsModification && rules.blockAnswersInput && rights.blockAnswersInput) next.modified = before.payload;
  if (denialMetadata !== undefined) take('denial metadata', () => takeDenialMetadata(next, denialMetadata));
  if (violation !== undefined) take('violation', () => (next.violation = violationOf(plugin.name, violation)));
}

function takeDelay(next: ChainDraft, { retryDelayMs }: PluginResult): void {
  if (retryDelayMs !== undefined) next.retryDelayMs = Math.max(next.retryDelayMs, retryDelayMs);
}

/** Servers write out that there is none. Of a plugin in this process it is not asked: it may be a proxy. */
function isWrittenOut(metadata: object, result: PluginResult): boolean {
  return DecodedResult.is(result) && isEmpty(metadata);
}

function takeMetadata(next: ChainDraft, metadata: Readonly<Record<string, unknown>>, rules: MergeRules): void {
  next.metadata = mergeMetadata(next.metadata, metadata, rules);
}

/** A copy: it is the plugin's own. */
function takeDenialMetadata(next: ChainDraft, denialMetadata: DenialMetadata): void {
  next.denialMetadata = Object.freeze({ ...denialMetadata });
}

function mergeMetadata(
  earlier: ChainState['metadata'],
  later: Readonly<Record<string, unknown>>,
  { asGiven }: MergeRules,
): Readonly<Record<string, unknown>> {
  // A copy, because it may hold parts of the plugin's state, or what the plugin goes on writing to.
  const copied = frozenCopy(later).value as typeof later;
  const isForged = !asGiven && Object.hasOwn(copied, decisionKey);
  if (earlier === undefined && !isForged) return copied;
  const merged = { ...earlier, ...copied };
  if (isForged) delete merged[decisionKey];
  return merged;
}

/** A plugin's violation as its caller gets it: frozen, and in the plugin's name. What cannot be copied is left out. */
export function violationOf(pluginName: string, violation: Violation): Violation {
  const { reason, description, code, httpHeaders, details } = violation;
  const headers = httpHeaders && copyIfReadable(() => oneEntryPerName(httpHeaders));
  const copiedDetails = details && copyIfReadable(() => details);
  // Field by field: to spread what is left of an object costs as much as all else that a block does.
  const named: { -readonly [Key in keyof Violation]: Violation[Key] } = { reason, description, code };
  if ('mcpErrorCode' in violation) named.mcpErrorCode = violation.mcpErrorCode;
  if ('httpStatusCode' in violation) named.httpStatusCode = violation.httpStatusCode;
  if (headers) named.httpHeaders = headers;
  named.pluginName = pluginName;
  if (copiedDetails) named.details = copiedDetails;
  return Object.freeze(named);
}
