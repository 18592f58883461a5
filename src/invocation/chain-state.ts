import { describeValue } from '../json/described-value.js';
import { isPlainObject } from '../json/records.js';
import { messageOf } from '../errors.js';
import { mergeHeaders, oneEntryPerName } from '../hooks/headers.js';
import type { PluginResult, Violation } from '../hooks/hook-result.js';
import type { HookDefinition } from '../hooks/hook.js';
import { ownResultOf } from '../hooks/own-result.js';
import { frozenCopy } from '../hooks/payload-copy.js';
import type { PayloadReader } from '../hooks/payload-reader.js';
import { applyPolicy, type PayloadPolicy } from '../hooks/payload-policy.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { PluginError } from '../plugins/plugin-error.js';

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
      !dropsModification || denies(modifiedPayload, rules)
        ? mergeModification(state, modifiedPayload, plugin, rules)
        : state,
    );
  }
  if (blocks) {
    next = { ...next, violation: undefined };
    if (rules.hook.reportsDecision === true) next = { ...next, decidedBy: plugin.name };
    // An earlier grant must not outlive a block.
    if (rules.hook.denies !== undefined && !denies(next.modified, rules)) next = { ...next, modified: undefined };
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
export function violationOf(pluginName: string, { httpHeaders, details, ...rest }: Violation): Violation {
  const headers = httpHeaders === undefined ? {} : { httpHeaders: oneEntryPerName(httpHeaders) };
  const bare = { ...rest, ...headers, pluginName };
  try {
    return frozenCopy(details === undefined ? bare : { ...bare, details }).value as Violation;
  } catch {
    return frozenCopy(bare).value as Violation;
  }
}

/** A denial is never dropped, not even with the rest of a block, and whatever else is odd about it. */
function denies(modification: unknown, rules: MergeRules): boolean {
  return denialIn(modification, rules) !== undefined;
}

function denialIn(modification: unknown, { hook, result }: MergeRules): { readonly result: unknown } | undefined {
  if (hook.denies === undefined || result === undefined || modification === undefined) return undefined;
  const copied = result.attemptCopy(modification);
  const own = copied === undefined ? undefined : ownResultOf(copied, hook);
  return own !== undefined && hook.denies(own) ? { result: own } : undefined;
}

/** A hook's own result is taken whole where its hook has a policy, as in the framework: it has no field of the payload. */
function mergeModification(chain: ChainState, wanted: unknown, plugin: LoadedPlugin, rules: MergeRules): ChainState {
  const { hook, policy } = rules;
  const { mayBlock, mayModify } = plugin.capabilities;
  // Who may block may deny, whatever it may not change.
  const isDenial = mayBlock && denies(wanted, rules);
  if (!mayModify && !isDenial) {
    rules.warn(plugin, `its mode ${plugin.config.mode} may not modify the payload; the modification is ignored`);
    return chain;
  }
  if (policy === undefined && rules.defaultPolicy === 'deny' && !isDenial) {
    rules.warn(plugin, `no policy allows changes on ${hook.name}; the modification is ignored`);
    return chain;
  }
  if (!isPlainObject(wanted)) {
    rules.warn(plugin, `its modified payload is ${describeValue(wanted)}, not an object; the modification is ignored`);
    return chain;
  }
  return rules.result === undefined
    ? mergePayload(chain, wanted, plugin, rules)
    : mergeOwnResult(chain, wanted, plugin, rules, rules.result);
}

function mergePayload(chain: ChainState, wanted: unknown, plugin: LoadedPlugin, rules: MergeRules): ChainState {
  const { hook, policy, payload: reader } = rules;
  const { value, problems, unknown } = reader.read(wanted, rules.maxPayloadSize);
  if (problems.length === 0) {
    if (unknown.length > 0) throw unknownFields('modified payload', unknown, plugin, hook);
    if (policy === undefined) return takePayload(chain, value, plugin);
    const before = chain.payload as Readonly<Record<string, unknown>>;
    const after = value as Readonly<Record<string, unknown>>;
    const { payload, refused } = applyPolicy(before, after, policy, hook.emptyIsAbsent);
    if (refused.length > 0)
      rules.warn(plugin, `the policy of ${hook.name} does not let it change ${refused.join(', ')}`);
    if (payload === undefined) return chain;
    return takePayload(chain, reader.copy(payload, rules.maxPayloadSize), plugin);
  }
  if (policy === undefined) return takePayload(chain, value, plugin);
  rules.warn(plugin, `its modified payload is not a payload of ${hook.name}; under a policy it is ignored`);
  return chain;
}

function takePayload(chain: ChainState, payload: unknown, plugin: LoadedPlugin): ChainState {
  return { ...chain, payload, modified: payload, decidedBy: plugin.name };
}

function mergeOwnResult(
  chain: ChainState,
  wanted: unknown,
  plugin: LoadedPlugin,
  rules: MergeRules,
  reader: PayloadReader,
): ChainState {
  const { hook } = rules;
  const denial = denialIn(wanted, rules);
  // What goes into the payload counts there, and a denial is never too large.
  const limited = denial === undefined && hook.applyToPayload === undefined;
  const { value, problems, unknown } = reader.read(wanted, limited ? rules.maxPayloadSize : Number.POSITIVE_INFINITY);
  if (problems.length === 0 && unknown.length === 0) return takeResult(chain, value, plugin, rules);
  if (denial !== undefined) {
    rules.warn(plugin, `it denies, and what else it says of it is ignored: ${unknown.join('; ')}`);
    return takeResult(chain, denial.result, plugin, rules);
  }
  if (problems.length === 0) throw unknownFields('result', unknown, plugin, hook);
  rules.warn(plugin, `its modified payload is not a result of ${hook.name}; the modification is ignored`);
  return chain;
}

function takeResult(chain: ChainState, later: unknown, plugin: LoadedPlugin, rules: MergeRules): ChainState {
  const { hook, maxPayloadSize } = rules;
  const earlier = chain.modified;
  const combined = earlier === undefined || hook.combine === undefined ? later : hook.combine(earlier, later);
  return {
    ...chain,
    payload:
      hook.applyToPayload === undefined
        ? chain.payload
        : rules.payload.copy(hook.applyToPayload(chain.payload, combined), maxPayloadSize),
    modified: frozenCopy(combined).value,
    decidedBy: combined === earlier ? chain.decidedBy : plugin.name,
  };
}

/** What nobody looks at must not be lost either: a masked `arguments` beside the `args` that go on. */
function unknownFields(what: string, unknown: readonly string[], plugin: LoadedPlugin, hook: HookDefinition) {
  return new PluginError(
    {
      message: `Plugin ${plugin.name} returned a ${what} of ${hook.name} with unknown fields: ${unknown.join('; ')}`,
      pluginName: plugin.name,
    },
    { code: 'PLUGIN_RESULT_INVALID' },
  );
}
