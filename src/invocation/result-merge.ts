import { messageOf } from '../errors.js';
import { isEmpty } from '../json/records.js';
import { DecodedResult } from '../wire/decoded-result.js';
import { mergeHeaders, oneEntryPerName } from '../hooks/headers.js';
import type { PluginResult, Violation } from '../hooks/hook-result.js';
import { copyIfReadable, frozenCopy } from '../hooks/payload-copy.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { mergeWrittenExtensions } from './extension-writes.js';
import { type ChainState, decisionKey, type MergeRules } from './chain-state.js';
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
  const { rights } = plugin;
  const blocks = result.continueProcessing === false && rights.mayBlock;
  const dropsModification = blocks && !rights.keepsModificationOfBlock;
  const take = (part: string, merge: (state: ChainState) => ChainState): void => {
    if (!blocks) {
      next = merge(next);
      return;
    }
    try {
      next = merge(next);
    } catch (error) {
      rules.warn(plugin, `it blocks, and its ${part} is left out: ${messageOf(error)}`);
    }
  };
  const retryDelayMs =
    blocks && !rules.asGiven ? 0 : Math.max(chain.retryDelayMs, result.retryDelayMs ?? chain.retryDelayMs);
  let next: ChainState = retryDelayMs === chain.retryDelayMs ? chain : { ...chain, retryDelayMs };
  const { metadata, denialMetadata, httpHeaders, modifiedPayload, modifiedExtensions, violation } = result;
  // Servers write out that there is none. Of a plugin in this process it is not asked: it may be a proxy.
  if (metadata !== undefined && !(DecodedResult.is(result) && isEmpty(metadata)))
    take('metadata', (state) => ({ ...state, metadata: mergeMetadata(state.metadata, metadata, rules) }));
  if (httpHeaders !== undefined)
    take('httpHeaders', (state) => ({ ...state, httpHeaders: mergeHeaders(state.httpHeaders, httpHeaders) }));
  if (modifiedPayload !== undefined) {
    take('modified payload', (state) =>
      !dropsModification || denies(modifiedPayload, rules)
        ? mergeModification(state, modifiedPayload, plugin, rules)
        : state,
    );
  }
  if (modifiedExtensions !== undefined)
    take('modified extensions', (state) => mergeWrittenExtensions(state, modifiedExtensions, plugin, rules));
  if (blocks) {
    // What runs in the background is given what the blocker saw, also where its modification is kept.
    next = { ...next, violation: undefined, payload: chain.payload };
    if (rules.hook.reportsDecision === true) next = { ...next, decidedBy: plugin.name };
    // An earlier grant must not outlive a block.
    if (rules.hook.denies !== undefined && !denies(next.modified, rules)) next = { ...next, modified: undefined };
    if (dropsModification && rules.blockAnswersInput && plugin.rights.blockAnswersInput)
      next = { ...next, modified: chain.payload };
  }
  if (denialMetadata !== undefined && (blocks || rules.asGiven))
    // A copy: it is the plugin's own.
    take('denial metadata', (state) => ({ ...state, denialMetadata: Object.freeze({ ...denialMetadata }) }));
  if (violation !== undefined && (blocks || rules.asGiven))
    take('violation', (state) => ({ ...state, violation: violationOf(plugin.name, violation) }));
  return next;
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
