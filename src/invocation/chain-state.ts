import { isPlainObject } from '../context/plain-data.js';
import { messageOf } from '../errors.js';
import { mergeHeaders } from '../hooks/headers.js';
import type { PluginResult, Violation } from '../hooks/hook-result.js';
import type { HookDefinition } from '../hooks/hook.js';
import { ownResultOf } from '../hooks/own-result.js';
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
  /**
   * For a plugin that is called by name: a violation stands where it does not stop, a retry delay where it does, its
   * metadata has all its keys, and what it wrote to the global state stays when it fails.
   */
  readonly asGiven: boolean;
  /** Says that something a plugin asked for was not taken. */
  warn(plugin: LoadedPlugin, message: string): void;
}

/** Metadata keys that only the chain itself writes. */
const decisionKey = '_decision_plugin';

/**
 * Puts the result of one plugin into the chain.
 *
 * @throws what parts of it throw that cannot be taken; not where the plugin blocks: then they are left out, and it blocks
 */
export function mergeResult(
  chain: ChainState,
  result: PluginResult,
  plugin: LoadedPlugin,
  rules: MergeRules,
): ChainState {
  const { capabilities } = plugin;
  const blocks = result.continueProcessing === false && capabilities.mayBlock;
  const dropsModification = blocks && !capabilities.keepsModificationOfBlock;
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
  let next: ChainState = {
    ...chain,
    retryDelayMs:
      blocks && !rules.asGiven
        ? 0
        : result.retryDelayMs === undefined
          ? chain.retryDelayMs
          : Math.max(chain.retryDelayMs, result.retryDelayMs),
  };
  const { metadata, httpHeaders, modifiedPayload, violation } = result;
  if (metadata !== undefined)
    take('metadata', (state) => ({ ...state, metadata: mergeMetadata(state.metadata, metadata, rules) }));
  if (httpHeaders !== undefined)
    take('httpHeaders', (state) => ({ ...state, httpHeaders: mergeHeaders(state.httpHeaders, httpHeaders) }));
  if (modifiedPayload !== undefined) {
    take('modified payload', (state) =>
      !dropsModification || deniesWith(modifiedPayload, rules.hook)
        ? mergeModification(state, modifiedPayload, plugin, rules)
        : state,
    );
  }
  if (blocks) {
    next = { ...next, violation: undefined };
    if (rules.hook.reportsDecision === true) next = { ...next, decidedBy: plugin.name };
    // An earlier grant must not outlive a block.
    if (rules.hook.denies !== undefined && !deniesWith(next.modified, rules.hook))
      next = { ...next, modified: undefined };
    if (dropsModification && rules.blockAnswersInput) next = { ...next, modified: chain.payload };
  }
  if (violation !== undefined && (blocks || rules.asGiven))
    take('violation', (state) => ({ ...state, violation: violationOf(plugin.name, violation) }));
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
  { asGiven }: MergeRules,
): Readonly<Record<string, unknown>> {
  // A copy, because it may hold parts of the plugin's state, or what the plugin goes on writing to.
  const merged = { ...earlier, ...(frozenCopy(later).value as typeof later) };
  if (!asGiven) delete merged[decisionKey];
  return merged;
}

/**
 * A plugin's violation as its caller gets it: frozen, and in the plugin's name.
 *
 * Details that cannot be copied are left out.
 */
export function violationOf(pluginName: string, violation: Violation): Violation {
  try {
    return frozenCopy({ ...violation, pluginName }).value as Violation;
  } catch {
    return frozenCopy({ ...violation, details: undefined, pluginName }).value as Violation;
  }
}

/** A denial is never dropped, not even with the rest of a block. */
function deniesWith(modification: unknown, hook: HookDefinition): boolean {
  if (hook.denies === undefined) return false;
  const result = ownResultOf(modification, hook);
  return result !== undefined && hook.denies(result);
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
    const result = ownResultOf(wanted, hook);
    if (result !== undefined) return mergeOwnResult(chain, result, plugin, rules);
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
