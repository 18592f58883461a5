import type { PluginResult, Violation } from '../hooks/hook-result.js';
import type { HookDefinition } from '../hooks/hook.js';
import { isPlainObject } from '../context/plain-data.js';
import { mergeHeaders } from '../hooks/headers.js';
import { frozenCopy } from '../hooks/payload-copy.js';
import { applyPolicy, type PayloadPolicy } from '../hooks/payload-policy.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { checkedCopy } from './payload-size.js';

/** What has come of a chain so far. Never changed, only replaced. */
export interface ChainState {
  /** What the next plugin gets; deeply frozen. */
  readonly payload: unknown;
  /** What the caller gets as `modifiedPayload`. */
  readonly modified: unknown;
  /** The plugin whose modification that is. */
  readonly decidedBy: string | undefined;
  readonly violation: Violation | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly httpHeaders: Readonly<Record<string, string>> | undefined;
  readonly retryDelayMs: number;
}

/** How the results of a hook's plugins are put together. */
export interface MergeRules {
  readonly hook: HookDefinition;
  /** Of a hook with a result of its own only whether there is one matters: `writable` names fields of the payload. */
  readonly policy: PayloadPolicy | undefined;
  readonly defaultPolicy: 'allow' | 'deny';
  readonly maxPayloadSize: number;
  /** Whether a block without a modification of its own answers with the blocker's input, as the framework's chain does. */
  readonly blockAnswersInput: boolean;
  /** Whether a violation stands where its plugin does not stop: for a plugin that is called by name. */
  readonly keepsEveryViolation: boolean;
  /** Says that something a plugin asked for was not taken. */
  warn(plugin: LoadedPlugin, message: string): void;
}

/** Metadata keys that only the chain itself writes. */
const decisionKey = '_decision_plugin';

/** Puts the result of one plugin into the chain. */
export function mergeResult(
  chain: ChainState,
  result: PluginResult,
  plugin: LoadedPlugin,
  rules: MergeRules,
): ChainState {
  const { capabilities } = plugin;
  const blocks = result.continueProcessing === false && capabilities.mayBlock;
  const dropsModification = blocks && !capabilities.keepsModificationOfBlock;
  let next: ChainState = {
    ...chain,
    metadata: result.metadata === undefined ? chain.metadata : mergeMetadata(chain.metadata, result.metadata),
    httpHeaders:
      result.httpHeaders === undefined ? chain.httpHeaders : mergeHeaders(chain.httpHeaders, result.httpHeaders),
    retryDelayMs: blocks ? 0 : Math.max(chain.retryDelayMs, result.retryDelayMs ?? 0),
  };
  if (result.modifiedPayload !== undefined && (!dropsModification || deniesWith(result.modifiedPayload, rules.hook))) {
    next = mergeModification(next, result.modifiedPayload, plugin, rules);
  }
  if (blocks) {
    next = { ...next, violation: result.violation === undefined ? undefined : violationOf(plugin, result.violation) };
    if (rules.hook.reportsDecision === true) next = { ...next, decidedBy: plugin.name };
    // An earlier grant must not outlive a block.
    if (rules.hook.denies !== undefined && !deniesWith(next.modified, rules.hook))
      next = { ...next, modified: undefined };
    if (dropsModification && rules.blockAnswersInput) next = { ...next, modified: chain.payload };
  } else if (rules.keepsEveryViolation && result.violation !== undefined) {
    next = { ...next, violation: violationOf(plugin, result.violation) };
  }
  return next;
}

/** The metadata the caller gets. */
export function finalMetadata(chain: ChainState, hook: HookDefinition): Record<string, unknown> {
  const metadata: Record<string, unknown> = { ...chain.metadata };
  if (hook.reportsDecision === true && chain.decidedBy !== undefined) metadata[decisionKey] = chain.decidedBy;
  return metadata;
}

function mergeMetadata(
  earlier: ChainState['metadata'],
  later: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  // A copy, because it may hold parts of the plugin's state, or what the plugin goes on writing to.
  const merged = { ...earlier, ...(frozenCopy(later).value as typeof later) };
  delete merged[decisionKey];
  return merged;
}

function violationOf(plugin: LoadedPlugin, violation: Violation): Violation {
  return frozenCopy({ ...violation, pluginName: plugin.name }).value as Violation;
}

/** A denial is never dropped, not even with the rest of a block. */
function deniesWith(modification: unknown, hook: HookDefinition): boolean {
  if (hook.denies === undefined || hook.result === undefined) return false;
  const parsed = hook.result.safeParse(modification);
  return parsed.success && hook.denies(parsed.data);
}

/** A hook's own result is taken whole where its hook has a policy, as in the framework: it has no field of the payload. */
function mergeModification(chain: ChainState, wanted: unknown, plugin: LoadedPlugin, rules: MergeRules): ChainState {
  const { hook, policy } = rules;
  const { mayBlock, mayModify } = plugin.capabilities;
  // Who may block may deny, whatever it may not change.
  const isDenial = mayBlock && deniesWith(wanted, hook);
  if (!mayModify && !isDenial) {
    rules.warn(plugin, `its mode ${plugin.config.mode} may not modify the payload; the modification is ignored`);
    return chain;
  }
  if (policy === undefined && rules.defaultPolicy === 'deny' && !isDenial) {
    rules.warn(plugin, `no policy allows changes on ${hook.name}; the modification is ignored`);
    return chain;
  }
  if (!isPlainObject(wanted)) {
    rules.warn(plugin, `its modified payload is ${describe(wanted)}, not an object; the modification is ignored`);
    return chain;
  }
  if (hook.result !== undefined) {
    const result = hook.result.safeParse(wanted);
    if (result.success) return mergeOwnResult(chain, result.data, plugin, rules);
    rules.warn(plugin, `its modified payload is not a result of ${hook.name}; the modification is ignored`);
    return chain;
  }
  const parsed = hook.payload.safeParse(wanted);
  if (parsed.success) {
    const wantedPayload = parsed.data as Readonly<Record<string, unknown>>;
    if (policy === undefined) return takePayload(chain, wantedPayload, plugin, rules);
    const { payload, refused } = applyPolicy(chain.payload as Readonly<Record<string, unknown>>, wantedPayload, policy);
    if (refused.length > 0)
      rules.warn(plugin, `the policy of ${hook.name} does not let it change ${refused.join(', ')}`);
    return payload === undefined ? chain : takePayload(chain, payload, plugin, rules);
  }
  if (policy !== undefined) {
    rules.warn(plugin, `its modified payload is not a payload of ${hook.name}; under a policy it is ignored`);
    return chain;
  }
  return takePayload(chain, wanted, plugin, rules);
}

function takePayload(chain: ChainState, wanted: unknown, plugin: LoadedPlugin, rules: MergeRules): ChainState {
  const payload = checkedCopy(wanted, rules.maxPayloadSize, rules.hook.name);
  return { ...chain, payload, modified: payload, decidedBy: plugin.name };
}

function mergeOwnResult(chain: ChainState, later: unknown, plugin: LoadedPlugin, rules: MergeRules): ChainState {
  const { hook, maxPayloadSize } = rules;
  const earlier = chain.modified;
  const combined = earlier === undefined || hook.combine === undefined ? later : hook.combine(earlier, later);
  return {
    ...chain,
    payload:
      hook.applyToPayload === undefined
        ? chain.payload
        : checkedCopy(hook.applyToPayload(chain.payload, combined), maxPayloadSize, hook.name),
    modified: frozenCopy(combined).value,
    decidedBy: combined === earlier ? chain.decidedBy : plugin.name,
  };
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
